// Owns a real HDFS in one process, for tests: a namenode that speaks WebHDFS at the port that is given, and one datanode.
// With a second port there are two namenodes, of which one stands by; they change places when the file FOLDER/failover
// appears, and delete it when they have. Runs until it is ended. Prints READY when files can be written.
//
//   MiniHdfs PORT FOLDER [PORT]
import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSNNTopology;

public class MiniHdfs {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.setInt("dfs.ls.limit", 20); // small pages, so that listings have several
    int port = Integer.parseInt(args[0]);
    File folder = new File(args[1]);
    MiniDFSCluster.Builder builder = new MiniDFSCluster.Builder(conf, folder).numDataNodes(1);
    if (args.length == 2) {
      MiniDFSCluster cluster = builder.nameNodeHttpPort(port).build();
      cluster.waitActive();
      System.out.println("READY " + cluster.getURI());
      Thread.sleep(Long.MAX_VALUE);
    }
    conf.setInt("dfs.ha.tail-edits.period", 1);
    MiniDFSCluster cluster = builder.nnTopology(new MiniDFSNNTopology().addNameservice(
        new MiniDFSNNTopology.NSConf("lake")
            .addNN(new MiniDFSNNTopology.NNConf("nn1").setHttpPort(port))
            .addNN(new MiniDFSNNTopology.NNConf("nn2").setHttpPort(Integer.parseInt(args[2]))))).build();
    int active = 0;
    cluster.transitionToActive(active);
    cluster.waitActive();
    System.out.println("READY two namenodes");
    File wish = new File(folder, "failover");
    while (true) {
      Thread.sleep(50);
      if (!wish.exists()) continue;
      cluster.transitionToStandby(active);
      active = 1 - active;
      cluster.transitionToActive(active);
      System.out.println("FAILOVER " + active);
      wish.delete();
    }
  }
}
