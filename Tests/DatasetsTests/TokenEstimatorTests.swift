//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Testing

/// Texts with the number of tokens that the tokenizer of Gemma 3 makes of them.
@Suite("The token estimate")
struct TokenEstimatorTests {
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
