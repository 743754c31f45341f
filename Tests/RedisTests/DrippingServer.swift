import Glibc
import Redis
import TestSupport

/// Answers every client with one byte after the other, without end.
final class DrippingServer {
  let endpoint: Endpoint
  private let path: String
  private let listener: Int32

  struct Failure: Error { let code: Int32 }

  init(interval: Duration) throws {
    var template = Array("/tmp/qtctl-drip-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(code: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) + "/socket"
    endpoint = Endpoint(.unix(path: path))
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard listener >= 0, status == 0, listen(listener, 4) == 0 else { throw Failure(code: errno) }
    Background.run { [listener] in
      let client = accept(listener, nil, nil)
      var byte: UInt8 = UInt8(ascii: "+")
      while client >= 0, send(client, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 {
        byte = UInt8(ascii: "x")
        usleep(UInt32(interval.components.attoseconds / 1_000_000_000_000))
      }
      close(client)
    }
  }

  deinit {
    close(listener)
    unlink(path)
    rmdir(String(path.dropLast("/socket".count)))
  }
}
