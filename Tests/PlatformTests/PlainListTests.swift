import Platform
import Testing

/// A list against an array.
@Suite struct PlainListTests {
    @Test(arguments: [1, 2, 64])
    func likeAnArray(capacity: Int) {
        var random = SystemRandomNumberGenerator()
        var list = PlainList<UInt64>(capacity: capacity)
        var model: [UInt64] = []
        for step in 0..<2_000 {
            switch step % 97 {
            case 96:
                list.removeAll()
                model.removeAll()
            case 40, 80:
                let count = Int.random(in: 0...model.count, using: &random)
                list.truncate(to: count)
                model.removeSubrange(count...)
            default:
                let value = random.next()
                list.append(value)
                model.append(value)
            }
            let (count, isEmpty, last) = (list.count, list.isEmpty, list.last)
            #expect(count == model.count && isEmpty == model.isEmpty && last == model.last)
        }
        for i in model.indices {
            let value = list[i]
            #expect(value == model[i])
        }
    }

    @Test func whatIsNotThereTraps() async {
        await #expect(processExitsWith: .failure) {
            var list = PlainList<Int>()
            list.append(1)
            list.removeAll()
            _ = list[0]
        }
        await #expect(processExitsWith: .failure) {
            var list = PlainList<Int>()
            list.truncate(to: 1)
        }
    }
}
