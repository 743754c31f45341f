internal import Deployment

/// What `redis.durable` would say, for whoever wants to know before anything is touched.
public enum RedisDurability {
  /// Why a Redis would lose what it is given, in words; `nil` when it keeps it.
  ///
  /// - Parameter info: the answer to `INFO`.
  public static func fault(info: String) -> String? {
    let result = RedisDurable.judge("Redis", ServerInfo(info))
    return result.status == .fail ? result.detail : nil
  }
}
