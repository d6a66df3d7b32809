import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipInputStream;

/** Reads a zip from the standard input as a stream, and prints the SHA-256 and the name of each entry, a line each. */
class StreamEntries {
  public static void main(String[] args) throws Exception {
    var zip = new ZipInputStream(System.in, StandardCharsets.UTF_8);
    for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(zip.readAllBytes());
      System.out.println(HexFormat.of().formatHex(digest.digest()) + " " + entry.getName());
    }
  }
}
