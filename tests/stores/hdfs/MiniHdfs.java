// Owns a real HDFS in one process, for tests: a namenode that speaks WebHDFS at the port that is given, and one datanode.
// Runs until it is ended. Prints READY when files can be written.
import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

public class MiniHdfs {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.setInt("dfs.ls.limit", 20); // small pages, so that listings have several
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf, new File(args[1]))
        .nameNodeHttpPort(Integer.parseInt(args[0])).numDataNodes(1).build();
    cluster.waitActive();
    System.out.println("READY " + cluster.getURI());
    Thread.sleep(Long.MAX_VALUE);
  }
}
