/// Names of users by their number: `anna.berger`, and from the second round on `anna.berger2`.
///
/// Different numbers have different names, so a number beyond the company's users gives a plausible name that nobody has.
enum UserNames {
    private static let given = [
        "anna", "ben", "carla", "david", "elena", "felix", "grace", "hugo", "ines", "jonas", "karim", "laura", "maria", "nils", "olga", "paul",
        "rahul", "sara", "tom", "ursula", "viktor", "wanda", "xenia", "yusuf", "zoe", "amit", "bianca", "chen", "diego", "emma", "fatima", "georg",
        "hanna", "ivan", "julia", "kevin", "lena", "mark", "nora", "oscar", "priya", "quentin", "rosa", "simon", "tanja", "umar", "vera", "walter",
        "anita", "bruno", "clara", "dario", "eva", "frank", "gina", "henrik", "isabel", "jack", "katja", "leo", "mina", "noah", "oliver", "petra",
    ]
    private static let family = [
        "adler", "bauer", "cohen", "dietz", "engel", "fischer", "graf", "huber", "iqbal", "jansen", "keller", "lange", "moreau", "novak", "otto",
        "patel", "quinn", "reyes", "santos", "thomas", "urban", "vogel", "weber", "xu", "young", "ziegler", "brandt", "clark", "dubois", "evans",
        "ferrari", "gupta", "hansen", "ivanov", "jung", "kowalski", "lopez", "martin", "nguyen", "olsen", "popov", "ramos", "schmidt", "taylor",
        "ullmann", "vargas", "wolf", "yilmaz", "zhang", "berger", "costa", "duarte", "ernst", "frey", "gomez", "herzog", "ibrahim", "james",
        "kaur", "lindner", "meyer", "nowak", "oliveira", "peters", "rossi", "singh", "tran", "unger", "virtanen", "walker", "becker", "carlsen",
        "dumont", "eriksen", "fuchs", "gruber", "hoffmann", "jacobs", "koch", "lehmann", "murphy", "neumann", "park", "richter", "sato", "torres",
        "vidal", "wagner", "arnold", "busch", "castro", "diaz", "franke",
    ]
    private static let pairs = given.count * family.count
    private static let families = Set(family)

    /// The name of that user. Neighbouring numbers share neither part: 1013 has no divisor in common with the number of pairs.
    static func name(_ number: Int) -> String {
        let place = number % pairs * 1013 % pairs, round = number / pairs
        let name = given[place % given.count] + "." + family[place / given.count]
        return round == 0 ? name : name + String(round + 1)
    }

    /// A slip of the fingers in the family name: two letters swapped, one left out or one doubled; never another user's name.
    static func mistyped(_ name: String, _ draws: inout Draws) -> String {
        guard let dot = name.firstIndex(of: ".") else { return name + "_" }
        let surname = name[name.index(after: dot)...].prefix { !$0.isNumber }, rest = name[surname.endIndex...]
        for _ in 0 ..< 8 {
            var letters = Array(surname)
            let place = draws.index(below: letters.count - 1)
            switch draws.index(below: 3) {
            case 0: letters.swapAt(place, place + 1)
            case 1: letters.remove(at: place)
            default: letters.insert(letters[place], at: place)
            }
            if !families.contains(String(letters)) { return name[...dot] + String(letters) + rest }
        }
        return name[...dot] + surname + "x" + rest
    }
}
