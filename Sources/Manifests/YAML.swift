internal import CYAML
internal import Deployment

/// Reads YAML with libyaml: event by event into a tree, within bounds of depth and size, so that no text can exhaust
/// the stack or the memory. Aliases are not expanded.
final class YAMLParser {
  /// Deeper than any manifest, which has nine levels.
  static let maximumDepth = 32
  /// Four times the manifest of 200 units and 10,000 files.
  static let maximumValues = 1_000_000

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let input: UnsafeMutableBufferPointer<UInt8>
  private var values = 0

  /// - Parameter bytes: UTF-8 without a byte order mark.
  /// - Throws: `YAMLError` where there is not enough memory.
  init(_ bytes: some Collection<UInt8>) throws(YAMLError) {
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(fromContentsOf: bytes)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) != 0 else {
      throw YAMLError(position: .start, message: "there is not enough memory to read it")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The root of the next document; `nil` behind the last one.
  func nextDocument() throws(YAMLError) -> YAMLNode? {
    while true {
      let event = try nextEvent()
      switch event.kind {
      case .streamEnd: return nil
      case .documentStart: return try node(nextEvent(), depth: 1)
      default: continue
      }
    }
  }

  private func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
    values += 1
    guard depth <= Self.maximumDepth else {
      throw YAMLError(
        position: event.position,
        message: "values are nested more than \(Self.maximumDepth) levels deep; no manifest needs that")
    }
    guard values <= Self.maximumValues else {
      throw YAMLError(
        position: event.position, message: "there are more than \(Self.maximumValues) values, too many for a manifest")
    }
    var node = YAMLNode(content: .alias, position: event.position, property: event.property)
    switch event.kind {
    case .scalar(let text, let isPlain): node.content = .scalar(text, isPlain: isPlain)
    case .listStart:
      var items: [YAMLNode] = []
      while let item = try next(before: .listEnd) { items.append(try self.node(item, depth: depth + 1)) }
      node.content = .list(items)
    case .mappingStart:
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      while let key = try next(before: .mappingEnd) {
        pairs.append((try self.node(key, depth: depth + 1), try self.node(nextEvent(), depth: depth + 1)))
      }
      node.content = .mapping(pairs)
    case .alias: break
    default: throw YAMLError(position: event.position, message: "a value is missing")
    }
    return node
  }

  private func next(before end: Event.Kind) throws(YAMLError) -> Event? {
    let event = try nextEvent()
    return event.kind == end ? nil : event
  }

  private func nextEvent() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) != 0 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return Event(event)
  }

  private func failure() -> YAMLError {
    let parser = parser.pointee
    let problem = parser.problem.map { String(cString: $0) } ?? "there is not enough memory to read it"
    let isPlaced = parser.error == YAML_SCANNER_ERROR || parser.error == YAML_PARSER_ERROR
    let context = isPlaced ? parser.context.map { String(cString: $0) } : nil
    return YAMLError(
      position: isPlaced ? YAMLPosition(parser.problem_mark) : .start,
      message: "this is not YAML: " + problem
        + (context.map { " (\($0) from line \(parser.context_mark.line + 1))" } ?? ""))
  }
}

/// One event of libyaml as far as it matters here.
private struct Event {
  enum Kind: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd, alias, listStart, listEnd, mappingStart, mappingEnd
    case scalar(String, isPlain: Bool)
  }

  let kind: Kind
  let position: YAMLPosition
  var property: YAMLNode.Property?

  init(_ event: yaml_event_t) {
    position = YAMLPosition(event.start_mark)
    switch event.type {
    // After the end libyaml returns empty events.
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      property = Self.property(scalar.anchor, scalar.tag, shape: YAML_STR_TAG)
    case YAML_SEQUENCE_START_EVENT:
      kind = .listStart
      property = Self.property(event.data.sequence_start.anchor, event.data.sequence_start.tag, shape: YAML_SEQ_TAG)
    case YAML_SEQUENCE_END_EVENT: kind = .listEnd
    case YAML_MAPPING_START_EVENT:
      kind = .mappingStart
      property = Self.property(event.data.mapping_start.anchor, event.data.mapping_start.tag, shape: YAML_MAP_TAG)
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    default: kind = .streamStart
    }
  }

  private static func property(
    _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?, shape: String
  ) -> YAMLNode.Property? {
    if anchor != nil { return .anchor }
    return tag.map { String(cString: $0) != shape } == true ? .tag : nil
  }
}

extension YAMLPosition {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}

/// One value of a YAML document: what is written and where. What it means is decided by who reads it.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    /// A scalar without its quotes and escapes. Only a plain one, without quotes, may be anything but text.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the text; a key may occur twice.
    case mapping([(key: YAMLNode, value: YAMLNode)])
    /// `*name`; its anchor is not looked up.
    case alias
  }

  /// What a value carries besides its content.
  enum Property: Sendable {
    /// `&name`
    case anchor
    /// `!name`, other than a tag that only says what the value's shape says.
    case tag
  }

  var content: Content
  /// The first character of the value, its anchor and tag included.
  var position: YAMLPosition
  var property: Property?
}

/// A place in a YAML text.
struct YAMLPosition: Sendable, Hashable {
  static let start = YAMLPosition(line: 1, column: 1)

  /// From 1.
  var line: Int
  /// From 1, counted in Unicode scalars.
  var column: Int

  mutating func advance(over scalar: Unicode.Scalar) {
    self = scalar == "\n" ? Self(line: line + 1, column: 1) : Self(line: line, column: column + 1)
  }
}

/// Why a text cannot be read as YAML, and where. Reading stops at the first error.
struct YAMLError: Error, Hashable {
  var position: YAMLPosition
  var message: String
}
