// Owns a proxy between a client and one object store that makes every request wait, as a network would, and counts them.
// It streams bodies and keeps connections, so that it is not what is measured; breaks nothing (tests/stores/proxy.py does).
//
//	delay_proxy -to http://127.0.0.1:PORT
//
// Prints the port it listens on and the port of its control, both on loopback, in one line. The control answers GET
// /take?latency_ms=N with what was asked since the last time, {"requests":N,"by":{"GET":N,...},"log":["GET /path",...]},
// and sets the wait. Ends when its standard input does.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What came through since it was last taken.
type counter struct {
	mutex sync.Mutex
	by    map[string]int
	lines []string
}

func (c *counter) add(kind, line string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.by[kind]++
	c.lines = append(c.lines, line)
}

func (c *counter) take() map[string]any {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	taken := map[string]any{"requests": len(c.lines), "by": c.by, "log": c.lines}
	c.by, c.lines = map[string]int{}, []string{}
	return taken
}

// A listing is a GET to S3, and a kind of its own to people.
func kindOf(request *http.Request) string {
	if request.Method == http.MethodGet && request.URL.Query().Has("list-type") {
		return "LIST"
	}
	return request.Method
}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte  { return b.pool.Get().([]byte) }
func (b *buffers) Put(x []byte) { b.pool.Put(x) } //nolint:staticcheck

func main() {
	to := flag.String("to", "", "the server's URL")
	flag.Parse()
	target, err := url.Parse(*to)
	if err != nil || target.Host == "" {
		log.Fatal("-to wants a URL")
	}
	var latency atomic.Int64
	counts := &counter{by: map[string]int{}, lines: []string{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		Transport:  &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true, ReadBufferSize: 256 << 10, WriteBufferSize: 256 << 10},
		BufferPool: &buffers{sync.Pool{New: func() any { return make([]byte, 256<<10) }}},
		ErrorLog:   log.New(io.Discard, "", 0),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		line := kindOf(request) + " " + request.URL.RequestURI()
		if wanted := request.Header.Get("Range"); wanted != "" {
			line += " " + wanted
		}
		counts.add(kindOf(request), strings.TrimSpace(line))
		time.Sleep(time.Duration(latency.Load()) * time.Millisecond)
		proxy.ServeHTTP(answer, request)
	}))
	go http.Serve(control, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if wanted, err := strconv.ParseInt(request.URL.Query().Get("latency_ms"), 10, 64); err == nil {
			latency.Store(wanted)
		}
		json.NewEncoder(answer).Encode(counts.take())
	}))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port, control.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
}
