extension Array {
    /// In an array that is sorted by `key`: the index of the first element whose key is `time` or later, or the count.
    func firstIndex(notBelow time: Nanoseconds, by key: (Element) -> Nanoseconds) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if key(self[middle]) < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
