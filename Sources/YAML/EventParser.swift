//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import CYAML

/// One event of libyaml's parser, copied out of its memory.
enum ParserEvent {
    case documentStart
    case documentEnd
    case streamEnd
    case alias(String)
    case scalar(YAMLNode.Scalar, anchor: String?)
    case sequenceStart(anchor: String?, tag: String?, isFlow: Bool)
    case mappingStart(anchor: String?, tag: String?, isFlow: Bool)
    case collectionEnd
    case other
}

/// An event and the scalar offsets between which it stands.
struct LocatedEvent {
    var event: ParserEvent
    var start: Int
    var end: Int
}

/// Owns a libyaml parser and the bytes that it reads.
struct EventParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// Makes a parser over a copy of the bytes, which the caller has checked to be UTF-8.
    init(_ bytes: [UInt8]) throws(YAMLError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError("out of memory", at: YAMLPosition(line: 1, column: 1))
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = input.initialize(from: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        self.parser = parser
        self.input = input
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; after an error the parser must not be asked again.
    mutating func next(_ map: TextMap) throws(YAMLError) -> LocatedEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error(map) }
        defer { yaml_event_delete(&event) }
        return LocatedEvent(
            event: Self.copy(event),
            start: Int(event.start_mark.index),
            end: Int(event.end_mark.index)
        )
    }

    private static func copy(_ event: yaml_event_t) -> ParserEvent {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_STREAM_END_EVENT: .streamEnd
        case YAML_ALIAS_EVENT: .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: scalar(event.data.scalar)
        case YAML_SEQUENCE_START_EVENT:
            .sequenceStart(
                anchor: text(event.data.sequence_start.anchor),
                tag: text(event.data.sequence_start.tag),
                isFlow: event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
            )
        case YAML_MAPPING_START_EVENT:
            .mappingStart(
                anchor: text(event.data.mapping_start.anchor),
                tag: text(event.data.mapping_start.tag),
                isFlow: event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
            )
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: .collectionEnd
        default: .other
        }
    }

    private static func scalar(_ data: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar) -> ParserEvent {
        let style: YAMLNode.Style =
            switch data.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
        let scalar = YAMLNode.Scalar(text: String(decoding: bytes, as: UTF8.self), style: style, tag: text(data.tag))
        return .scalar(scalar, anchor: text(data.anchor))
    }

    private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func error(_ map: TextMap) -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
        let context = parser.pointee.context.map { context in
            let begin = map.position(Int(parser.pointee.context_mark.index))
            return "\(String(cString: context)) that begins at \(begin.line):\(begin.column)"
        }
        return YAMLError(problem, at: map.position(Int(parser.pointee.problem_mark.index)), context: context)
    }
}
