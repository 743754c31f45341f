/// An entry in the hands of a consumer, pending until it is acknowledged.
public struct Delivery: Sendable, Hashable {
  public let entry: Entry
  /// How often the entry has been delivered, this time included; 1 is the first time.
  public let deliveries: Int

  public init(_ entry: Entry, deliveries: Int = 1) {
    self.entry = entry
    self.deliveries = deliveries
  }
}
