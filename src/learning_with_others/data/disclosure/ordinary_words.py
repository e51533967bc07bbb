"""Words that may have a capital without naming anybody, and words that name people as well."""

# At the start of a sentence; anywhere else they are taken for known words, too.
OPENERS = frozenset(
    """
    a about above actually after afterwards again against all almost along already also although
    always am an and another any anybody anyone anything anyway are aren't as ask at away back
    basically be because been before being believe below besides best better between both but by
    came can can't come could couldn't definitely depending did didn't different do does doesn't
    doing don't done down during each either else especially even eventually ever every everybody
    everyone everything everywhere except few finally first for from get gets getting give given
    go goes going good got group groups had hadn't half has hasn't have haven't having he he'd
    he'll he's her here hers herself him himself his honestly how however i i'd i'll i'm i've if in
    inside instead into is isn't it it'll it's its itself just kids kind know last later least less
    let let's like listening look looking lots made mainly make making many maybe me mine more most
    mostly much my myself near need never next no nobody none normally nor not nothing now of off
    often oh ok okay on once one ones only or other others otherwise our ours ourselves out outside
    over people perhaps personally plus probably put quite rather really right said same saw say
    saying second see seems several shall she she'd she'll she's should shouldn't since so some
    somebody someone something sometimes somewhere soon speaking still students such sure talking
    teacher teachers than thank thanks that that's the their theirs them themselves then there
    there's these they they'd they'll they're they've thing things think third this those though
    three through to today together tomorrow too took totally toward towards two under unless
    until up upon us used usually very wait was wasn't watching we we'd we'll we're we've well went
    were weren't what what's whatever when whenever where wherever whether which while who whoever
    whole whom whose why with within without won't working would wouldn't yeah yes yesterday yet
    you you'd you'll you're you've your yours yourself
    """.split()
)
# Always with a capital, or an abbreviation of schools, and nobody's name.
CAPITAL = frozenset(
    """
    act ap cd dvd ell elp esl esol gcse gpa ib id iep it k12 ok pc pe psat sat sel stem steam
    tv uk us usa

    arabic bengali cantonese chinese creole danish dutch english farsi filipino finnish french
    german greek hebrew hindi hmong igbo italian japanese korean kurdish latin mandarin nepali
    norwegian pashto persian polish portuguese punjabi romanian russian serbian somali spanish
    swahili swedish tagalog tamil telugu thai tigrinya turkish ukrainian urdu vietnamese yoruba
    """.split()
)
# First names that are words too: flagged wherever they have a capital.
NAMES_TOO = frozenset(
    """
    amber angel april art august autumn bill bob brook brooks carol chance charity chase chip
    christian cliff crystal daisy dale dawn dean destiny dirk drew duke earl ernest eve faith
    fern forest frank gay gene ginger glen grace grant guy harmony harry haven hazel heath heaven
    holly hope hunter iris ivy jack jade jasmine jay jean jewel jimmy journey joy june justice
    king lance lane laurel lily major mark mason max may mercy miles mike misty nick noble olive
    page paige parker pat patience penny pearl pete peg precious prince princess queen ray reed
    rich river rob robin rocky rose ruby rusty sage sandy sky skip sonny star sterling sue summer
    tanner trinity troy trip van victor violet wade ward will willow winter
    """.split()
)
TITLES = "mr|mrs|ms|mx|dr|prof|professor|señor|señora|señorita|sr|sra|srta|sir|madam|madame|herr"
MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
MONTHS_ONLY = "january|february|april|june|july|august|september|october|november|december"
WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
# What a researcher writes in place of what was said.
MASKS = frozenset(
    """
    age city classmate coach date day district friend group inaudible laughs laughter month name
    number parent person place principal removed school state street student subject surname
    teacher town unclear year
    """.split()
)
# Words of schools' and speakers' names that name none.
GENERIC = frozenset(
    """
    academy adult boy campus center central centre charter child class classroom coach college
    community county discussion district document east elementary facilitator female field fg focus
    girl grade group high int interview interviewee interviewer junior kid leader male member middle
    moderator multiple north notes observer other parent participant person prep preparatory
    primary principal public pupil recording researcher respondent room school secondary senior
    session several site south speaker staff student teacher team the transcript unknown voice west
    docx doc txt pdf rtf odt csv
    """.split()
)
