extension ManifestSample {
  /// Documents that are refused, with all that is said to them.
  static let bad: [ManifestSample] =
    badKeys + badTypes + badDurations + badModes + badNames + badUnits + badPaths + badAddresses + badRepetitions
    + badReferences + badYAML + badProbes
}
