/// The few drawings of the pages. Each stands beside words, and is not read out.
enum Icons {
    /// A gate that lets water through.
    static let mark: HTML = """
        <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">\
        <rect x="3" y="3" width="18" height="3" rx="1"/><rect x="4" y="6" width="2.5" height="15"/>\
        <rect x="17.5" y="6" width="2.5" height="15"/><rect class="gate" x="8" y="6" width="8" height="6" rx="1"/>\
        <path class="water" d="M7.5 15.5c1.5-1.4 3-1.4 4.5 0s3 1.4 4.5 0M7.5 19c1.5-1.4 3-1.4 4.5 0s3 1.4 4.5 0"/></svg>
        """
}
