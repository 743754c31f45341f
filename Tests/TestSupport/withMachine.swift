package import Rehearsal

/// Boots a machine for `body` and powers it off afterwards, also when `body` throws. A boot takes well under a second,
/// so every test can have a machine of its own; the number of machines at once is limited to what a small host bears.
@discardableResult
package func withMachine<Result: Sendable>(
  _ configuration: Machine.Configuration = .init(), _ body: (Machine) async throws -> Result
) async throws -> Result {
  try await Gate.machines.enter()
  do {
    let machine = try await Machine.boot(configuration)
    do {
      let result = try await body(machine)
      await machine.powerOff()
      await Gate.machines.leave()
      return result
    } catch {
      await machine.powerOff()
      throw error
    }
  } catch {
    await Gate.machines.leave()
    throw error
  }
}
