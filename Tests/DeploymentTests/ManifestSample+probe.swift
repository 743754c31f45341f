extension ManifestSample {
  static let badProbes: [ManifestSample] = [
    .probe("on", "must be the fields of a probe, or off, not true or false"),
    .probe("none", "must be the fields of a probe, or off, not text"),
    .probe("[a]", "must be the fields of a probe, or off, not a list"),
    .probe("{}", "no field has ${trace_id}, which tells one probe from another; add it to one"),
    .probe(
      "{a: x}", "no field has ${trace_id}, which tells one probe from another; add it to one", seenBySchema: false),
    .verify(
      "duplicates: {unit: shop.service, probe: {a: \"${trace_id}${time}\"}}",
      "3:54: verify.duplicates.probe.a: '${trace_id}${time}' has the unknown placeholder ${time}; known are ${trace_id}"
        + " and ${timestamp}"),
    .verify(
      "duplicates: {unit: shop.service, probe: {a: \"${trace_id}\", b: 5}}",
      "3:72: verify.duplicates.probe.b: must be text, but unquoted it is a number to YAML; put it in quotes: \"5\""),
    .verify(
      "deadLetters: [a, a]",
      "3:27: verify.deadLetters[1]: duplicate stream of dead letters 'a'; it is already in"
        + " line 3", seenBySchema: false),
  ]

  /// What stands behind `probe:`, and what is said of it.
  private static func probe(_ value: String, _ problem: String, seenBySchema: Bool = true) -> ManifestSample {
    .verify(
      "duplicates: {unit: shop.service, probe: \(value)}", "3:50: verify.duplicates.probe: \(problem)",
      seenBySchema: seenBySchema)
  }
}
