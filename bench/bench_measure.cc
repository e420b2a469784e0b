// Owns the measurement of one child process: wall time, processor time and peak memory. Knows nothing of deltic.
//
//   bench_measure OUT COMMAND [ARGUMENT...]
//
// Runs the command with this process's standard streams and writes to OUT one line:
//   {"exit":0,"wall_ms":12.345,"cpu_ms":11.2,"rss_kb":14336}
// A program of its own because the kernel counts the memory of the process that forked as the child's peak until exec:
// started from Python, a program of 5 MB would be said to use Python's 20. Started from here the floor is about 1.5 MB.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double Milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_measure OUT COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    return 2;
  }
  if (child == 0) {
    execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) {
    std::perror("wait4");
    return 2;
  }
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  std::FILE* out = std::fopen(argv[1], "w");
  if (out == nullptr) {
    std::perror(argv[1]);
    return 2;
  }
  const int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::fprintf(out, "{\"exit\":%d,\"wall_ms\":%.3f,\"cpu_ms\":%.3f,\"rss_kb\":%ld}\n", exit_status, wall.count(),
               Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime), usage.ru_maxrss);
  std::fclose(out);
  return 0;
}
