// Owns a real HDFS with Kerberos in one process, for tests: SPNEGO before the namenode, block tokens before the datanode.
// The keytabs of hdfs/localhost and HTTP/localhost lie in a folder. Prints READY when files can be written.
//
//   SecureHdfs PORT FOLDER KEYTABS REALM
import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;

public class SecureHdfs {
  public static void main(String[] args) throws Exception {
    String service = "hdfs/localhost@" + args[3];
    String serviceKeys = args[2] + "/hdfs.keytab";
    String web = "HTTP/localhost@" + args[3];
    String webKeys = args[2] + "/HTTP.keytab";
    Configuration conf = new Configuration();
    conf.set("hadoop.security.authentication", "kerberos");
    conf.set("hadoop.security.authorization", "true");
    for (String node : new String[] {"namenode", "datanode"}) {
      conf.set("dfs." + node + ".kerberos.principal", service);
      conf.set("dfs." + node + ".keytab.file", serviceKeys);
    }
    for (String prefix : new String[] {"dfs.web.authentication.kerberos.", "hadoop.http.authentication.kerberos."}) {
      conf.set(prefix + "principal", web);
      conf.set(prefix + "keytab", webKeys);
    }
    conf.set("hadoop.http.filter.initializers", "org.apache.hadoop.hdfs.web.AuthFilterInitializer");
    conf.set("hadoop.http.authentication.type", "kerberos");
    conf.set("hadoop.http.authentication.simple.anonymous.allowed", "false");
    conf.setBoolean("dfs.block.access.token.enable", true);
    conf.setBoolean("ignore.secure.ports.for.testing", true);
    conf.setBoolean("dfs.permissions.enabled", false);
    UserGroupInformation.setConfiguration(conf);
    UserGroupInformation.loginUserFromKeytab(service, serviceKeys);
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf, new File(args[1]))
        .nameNodeHttpPort(Integer.parseInt(args[0])).numDataNodes(1).build();
    cluster.waitActive();
    System.out.println("READY " + cluster.getURI());
    Thread.sleep(Long.MAX_VALUE);
  }
}
