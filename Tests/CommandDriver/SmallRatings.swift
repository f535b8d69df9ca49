/// Made-up tastes as a file: people of even number like even items, the others odd ones.
public enum SmallRatings {
    /// A fresh workplace with `r.csv`: ratings 1 to 5 of sixty people and forty items, a third of the pairs missing, in no order of time.
    public static func place() throws -> Workplace {
        let place = try Workplace()
        var ratings = "user,item,rating,time\n", number = 0
        for user in 0 ..< 60 {
            for item in 0 ..< 40 where (user * 7 + item * 13) % 3 != 0 {
                number += 1
                ratings += "u\(user),i\(item),\(user % 2 == item % 2 ? 4 + (user * 5 + item * 3) / 2 % 2 : 1 + (user * 3 + item * 7) / 2 % 2),\(1_000_000 + number * 37 % 9_973)\n"
            }
        }
        try place.file("r.csv", ratings)
        return place
    }
}
