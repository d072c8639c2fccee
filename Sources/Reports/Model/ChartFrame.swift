//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The ground that curves are drawn on as SVG: a title, axes with ticks and names, and colours for light and dark.
struct ChartFrame {
    static let size = (width: 720.0, height: 320.0)
    static let margin = (left: 56.0, right: 16.0, top: 40.0, bottom: 44.0)
    /// What stands above it.
    let title: String
    /// What it shows, for who does not see it.
    let label: String
    /// What goes to the right.
    let across: String
    let x: Axis
    let y: Axis
    /// Styles beside those of the ground.
    var styles: [String] = []

    /// The whole drawing with what was drawn on it.
    func drawing(_ parts: [String]) -> String {
        ([opening] + style + [heading] + grid + parts + ["</svg>"]).map { $0 + "\n" }.joined()
    }
}

// MARK: - Parts

extension ChartFrame {
    private var opening: String {
        let (width, height) = (Self.number(Self.size.width), Self.number(Self.size.height))
        return #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" "#
            + #"height="\#(height)" role="img" aria-label="\#(XMLText.escaped(label))">"#
    }

    private var style: [String] {
        let lines = """
            <style>
            text { font: 12px system-ui, sans-serif; fill: #57606a; }
            .title { font-weight: 600; font-size: 14px; fill: #24292f; }
            .back { fill: #ffffff; }
            .grid { stroke: #d8dee4; stroke-width: 1; }
            .loss { fill: none; stroke: #0969da; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
            .mark { fill: #bc4c00; stroke: #ffffff; stroke-width: 1.5; }
            .blue { fill: #0969da; }
            .orange { fill: #bc4c00; }
            @media (prefers-color-scheme: dark) {
            text { fill: #8b949e; }
            .title { fill: #e6edf3; }
            .back { fill: #0d1117; }
            .grid { stroke: #30363d; }
            .loss { stroke: #4493f8; }
            .mark { fill: #f0883e; stroke: #0d1117; }
            .orange { fill: #f0883e; }
            .blue { fill: #4493f8; }
            }
            """
        return [lines] + styles + ["</style>"]
    }

    private var heading: String {
        let name = DisplayWidth.truncated(TerminalText.line(title), to: 42)
        return #"<rect class="back" width="100%" height="100%"/>"# + "\n"
            + text(name, x: Self.margin.left, y: 22, anchor: "start", style: "title")
    }

    private var grid: [String] {
        let bottom = Self.size.height - Self.margin.bottom
        let right = Self.size.width - Self.margin.right
        let rows = y.ticks.map { tick in
            let place = Self.number(vertical(tick))
            return #"<path class="grid" d="M\#(Self.number(Self.margin.left)) \#(place)H\#(Self.number(right))"/>"#
                + text(
                    Figures.fixed(tick, places: y.places),
                    x: Self.margin.left - 8,
                    y: vertical(tick) + 4,
                    anchor: "end"
                )
        }
        let columns = x.ticks.map { tick in
            text(
                Int(exactly: tick).map { Figures.count($0) } ?? "",
                x: horizontal(tick),
                y: bottom + 18,
                anchor: "middle"
            )
        }
        let name = text(across, x: (Self.margin.left + right) / 2, y: Self.size.height - 8, anchor: "middle")
        return rows + columns + [name]
    }

    /// A line through points; nothing where there are none.
    func line(_ style: String, _ points: [VersionRecord.LossPoint]) -> String? {
        guard !points.isEmpty else { return nil }
        let places = points.map {
            "\(Self.number(horizontal(Double($0.step)))) \(Self.number(vertical($0.loss)))"
        }
        return #"<path class="\#(style)" d="M\#(places.joined(separator: "L"))"/>"#
    }

    /// A dot that is open for what it means.
    func dot(_ style: String, _ step: Int, _ loss: Double) -> String {
        dot(style, x: horizontal(Double(step)), y: vertical(loss))
    }

    func dot(_ style: String, x: Double, y: Double) -> String {
        #"<circle class="\#(style)" cx="\#(Self.number(x))" cy="\#(Self.number(y))" r="4.5">"#
    }

    func text(_ text: String, x: Double, y: Double, anchor: String, style: String? = nil) -> String {
        let name = style.map { #" class="\#($0)""# } ?? ""
        return #"<text\#(name) x="\#(Self.number(x))" y="\#(Self.number(y))" text-anchor="\#(anchor)">"#
            + "\(XMLText.escaped(text))</text>"
    }
}

// MARK: - Places

extension ChartFrame {
    private func horizontal(_ step: Double) -> Double {
        Self.margin.left + x.share(step) * (Self.size.width - Self.margin.left - Self.margin.right)
    }

    private func vertical(_ loss: Double) -> Double {
        let bottom = Self.size.height - Self.margin.bottom
        return bottom - y.share(loss) * (bottom - Self.margin.top)
    }

    /// A coordinate to a hundredth, without zeros at its end.
    static func number(_ value: Double) -> String {
        var text = Figures.fixed(value, places: 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
