import EventBus
import Redis

/// Appends orders to a stream and removes what every group has acknowledged and that is older than a day.
func publishOrders(_ orders: [String], to url: String) throws {
  let connection = try Connection(to: try Endpoint(url))
  let stream = Stream("shop:stream:orders")
  for order in orders {
    let id = try stream.publish([Field("order", order)], on: connection)
    print("published \(order) as \(id)")
  }
  try Trimming(stream.name, keep: .seconds(86_400)).run(on: connection)
}

/// Bills every order of the stream until the signal is raised.
func billOrders(from url: String, stop: StopSignal, bill: (String) -> Void) throws {
  let consumer = Consumer(
    Consumer.Configuration(
      group: Group("shop:group:billing", of: "shop:stream:orders"), name: "billing-1",
      deadLetters: "shop:stream:dead.letter"),
    endpoint: try Endpoint(url), stop: stop)
  try consumer.run(
    handle: { deliveries, _ in
      deliveries.map { delivery in
        guard let order = delivery.entry["order"] else { return .deadLetter(reason: "the order is missing") }
        bill(order)
        return .acknowledge
      }
    },
    observe: { event in if case .paused(let reason) = event { print("waiting: \(reason)") } })
}
