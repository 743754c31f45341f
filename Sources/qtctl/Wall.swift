import Glibc

/// The wall clock.
enum Wall {
  /// Whole seconds since 1970.
  static var seconds: Int { time(nil) }
}
