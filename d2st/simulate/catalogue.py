"""All actions: which split each belongs to, and what it becomes in a mirror or run backwards.

What is a mirrored or reversed form of an action stands in the same split as the action.
"""

from ..errors import D2STError


def _names(text):
    return [" ".join(name.split()) for name in text.split(",")]


FAMILIES = ("people", "table", "hands", "strokes", "pairs", "floor")
PARTS = ("base", "validation", "world", "novel")  # world: validation that looks and is cut like the world


def _traced(text):
    """The figures of a split, as they are named where a finger and where an arm draws them."""
    return [[f"trace {figure} with {what}" for figure in _names(text)] for what in ("a finger", "an arm")]


_FINGER_BASE, _ARM_BASE = _traced("""
    a line up, a line down, a square clockwise, a square anticlockwise, an L, a V, a Z, a figure eight,
    a spiral outwards, a spiral inwards, an N, a W, a zigzag down, a T, a plus, a wave, a loop, a slash""")
_FINGER_WORLD, _ARM_WORLD = _traced("""
    a line to the left, a line to the right, a triangle clockwise, a triangle anticlockwise, an S, stairs up,
    stairs down, a tick, an arrow, a heart""")
_FINGER_NOVEL, _ARM_NOVEL = _traced("""
    a circle clockwise, a circle anticlockwise, a cross, a bow to the left, a bow to the right""")

SPLITS = {
    ("table", "base"): _names("""
        push away, pull near, roll left, roll right, roll away, roll near, spin clockwise, spin anticlockwise,
        tip over, set upright, bring in, take away, approach the camera, leave the camera, hop left, hop right,
        zigzag left, zigzag right, shake, bob up and down, rock from side to side, poke, move apart, bring together,
        pass in front, pass behind, pass over, collide, knock down a tower, pour out, cover, uncover, put beside,
        push off the edge, sweep aside, swipe up, swipe down, draw a square clockwise, draw a square anticlockwise,
        draw an L, draw a Z, draw a V, draw a figure eight, draw a spiral outwards, draw a spiral inwards,
        open the hand, close the hand, open and close the hand, knock on the table, stroke the table"""),
    ("table", "validation"): _names("""
        swap, hide behind, come out from behind, turn upside down, toss up, roll down a ramp,
        draw a triangle clockwise, draw a triangle anticlockwise, draw an S, draw stairs up, draw stairs down,
        tap with a finger, swipe left, swipe right"""),
    ("table", "novel"): _names("""
        push left, push right, slide left and back, slide right and back, lift up, put down, drop, circle clockwise,
        circle anticlockwise, stack, unstack, put in, take out, draw a circle clockwise,
        draw a circle anticlockwise, draw a cross, draw a bow to the left, draw a bow to the right, wave"""),
    ("people", "base"): _names("""
        raise the right arm, raise the left arm, lower the right arm, lower the left arm, spread the arms,
        close the arms, wave with both arms, clap overhead, point to the left, point to the right, point up,
        touch the toes, squat, sit down, stand up, pick up, put down on the floor, bend to the left,
        bend to the right, twist to and fro, salute, drink, throw, push forward, circle the arms forwards,
        circle the arms backwards, jumping jack, raise a knee, march on the spot, golf swing, stretch,
        turn round to the left, turn round to the right, climb, walk left, walk right, walk towards the camera,
        walk away, walk backwards, run left, run right, run towards the camera, run away, walk off and come back,
        walk on the spot, run on the spot, roll forwards, roll backwards, backflip, front flip, dance,
        leap and spin, get up from the back, lie down on the back, get up from the front, lie down on the front,
        walk and wave, walk with raised arms, march and dance, squat then wave, wave then squat, walk then roll,
        roll then walk, approach each other, part from each other, pass each other, shake hands, push another,
        hand over, point at another"""),
    ("people", "validation"): _names("""
        fold the arms, unfold the arms, lift overhead, take down, put hands on hips, take hands off hips,
        hop on one leg, lunge, lunge and wave, sway, beckon, step left, step right, hug, chase, wave at each other"""),
    ("people", "novel"): _names("""
        kick, punch, spin kick, kick forward, cartwheel, jump, jump backwards, crawl, crawl backwards, clap,
        wave with one hand, bow, raise both arms, lower both arms, kneel down, rise from the knees,
        walk in a circle clockwise, walk in a circle anticlockwise, take a phone call, point forward,
        kick then punch, punch then kick, jump then bow, bow then jump, walk and clap, squat and clap,
        run and punch, high five, kick another, punch another, bow to each other, pat on the shoulder"""),
    ("hands", "base"): _names("""
        show one finger, show two fingers, show four fingers, show an open hand, show a fist, show horns,
        show thumb and finger, show the little finger, show crossed fingers, show a claw, open the fist,
        close the fist, open and close the fist, pinch with two fingers, talk with the hand, cut with two fingers,
        flutter the fingers, shake a finger, nod with a finger, thumb up, thumb down, hold up a palm,
        push with the palm, pat down, lift up with the palm, chop, turn the palm up, turn the palm down,
        turn a knob clockwise, turn a knob anticlockwise, roll the hand clockwise, roll the hand anticlockwise,
        stir, grasp and pull, let go and push, grasp and lift, set down and let go, press a button,
        knock with the knuckles, shake the fist, type on keys, point a finger to the left,
        point a finger to the right, point a finger up, point a finger down, point at the viewer, write,
        rub palm on palm, rub palms in circles, rub the back of a hand, rub between the fingers,
        turn a thumb in the fist, turn the fingertips in the palm, rub the wrist, wring the hands, press soap out,
        slap the back of a hand, beat the fist into the palm, stack the fists, knock fists together,
        lay the hands together, take the hands apart, roll the fists forwards, roll the fists backwards,
        make a T, open the hands like a book, close the hands like a book, tear apart, pull on a rope,
        drum with both hands, milk, draw the hand across the other, climb hand over hand""")
    + _FINGER_BASE,
    ("hands", "world"): _names("""
        show three fingers, show a ring, show thumb and little finger, count up, count down, beckon with the hand,
        beckon with one finger, bend and stretch two fingers, rock the hand, turn the hand round, snap the fingers,
        flick a finger away, throw with the fingers, spread two fingers apart, bring two fingers together,
        rub between the fingers from behind, hook the fingers and rub, rub the nails on the palm,
        stroke along the forearm, rinse under water, shake the hands dry, fold the hands, unfold the hands,
        cross the wrists, uncross the wrists, make a roof, show a length growing, show a length shrinking,
        twist a lid, count on the fingers, tap the wrist, pinch the other hand,
        interlock the thumbs and flap""")
    + _FINGER_WORLD,
    ("hands", "novel"): _names("wave the hand, wave with the fingers, clap the hands") + _FINGER_NOVEL,
    ("strokes", "base"): _names("""
        pull down with both arms, press up with both arms, row with both arms, curl the arms, knock at a door, catch,
        bowl a ball, bat, wipe a window, saw, hammer, scratch the head, wipe the face, nod, flap the arms,
        swim""")
    + _ARM_BASE,
    ("strokes", "world"): _names("""
        cross the arms before the chest, swing the arms open and crossed, serve at tennis, shoot at a basket,
        cover the ears, cough, put on a hat, look at a watch, shrug, shake the head""")
    + _ARM_WORLD,
    ("strokes", "novel"): _names("raise the arms to the sides, raise the arms to the front") + _ARM_NOVEL,
    ("pairs", "base"): _names("""
        rock paper scissors, bump fists, clink cups, wag a finger at another, knock another over, hold another up,
        throw to another, snatch from another, hand a thing over, help another up, pull another near,
        push another away, wrestle, dance with another, swing hands with another, nudge another,
        tread on another's foot, shake hands for long, point at another and scold, talk with the hands"""),
    ("pairs", "world"): _names("""
        take a photo of another, exchange things, strike at another who ducks, whisper to another,
        touch another's pocket, hit another over the head, hug for long, hug from behind, support another,
        wave to another over there"""),
    ("pairs", "novel"): _names("""
        kneel before another, applaud another, slap another's hand, slap on the back, kick at another,
        strike another with the fist, bow deeply to another"""),
    ("floor", "base"): _names("""
        push-ups, sit-ups, raise both legs lying, pedal on the back, climb on the spot lying on the hands,
        arch and hollow on all fours, lift chest and arms on the front, raise a leg sitting,
        sit and reach for the toes, sit and twist, sit down on the floor, rise from the floor,
        lie back from sitting, sit up from lying, dive down to the floor and up, touch toes in turn,
        bend to both sides, squat again and again, lift the knees in turn, swing a leg"""),
    ("floor", "world"): _names("""
        make a snow angel, raise the hips lying, stretch arm and leg on all fours, lean back kneeling,
        sit and draw up the knees, lunge to both sides, swim on the front"""),
    ("floor", "novel"): _names("""
        hug the knees lying, drop both knees to a side lying, bend down kneeling, kick back on all fours"""),
}
# Each of a pair, run backwards, looks like the other.
_REVERSED = [
    pair.split(" / ")
    for pair in _names("""
    push away / pull near, roll left / roll right, roll away / roll near, spin clockwise / spin anticlockwise,
    tip over / set upright, bring in / take away, approach the camera / leave the camera, hop left / hop right,
    zigzag left / zigzag right, move apart / bring together, cover / uncover, swipe up / swipe down,
    draw a square clockwise / draw a square anticlockwise, draw a spiral outwards / draw a spiral inwards,
    open the hand / close the hand, hide behind / come out from behind,
    draw a triangle clockwise / draw a triangle anticlockwise, draw stairs up / draw stairs down,
    swipe left / swipe right, push left / push right, lift up / put down, circle clockwise / circle anticlockwise,
    stack / unstack, put in / take out, draw a circle clockwise / draw a circle anticlockwise,
    draw a bow to the left / draw a bow to the right, raise the right arm / lower the right arm,
    raise the left arm / lower the left arm, spread the arms / close the arms, sit down / stand up,
    pick up / put down on the floor, circle the arms forwards / circle the arms backwards,
    turn round to the left / turn round to the right, roll forwards / roll backwards, backflip / front flip,
    get up from the back / lie down on the back, get up from the front / lie down on the front,
    squat then wave / wave then squat, walk then roll / roll then walk, approach each other / part from each other,
    fold the arms / unfold the arms, lift overhead / take down, put hands on hips / take hands off hips,
    step left / step right, jump / jump backwards, crawl / crawl backwards, raise both arms / lower both arms,
    kneel down / rise from the knees, kick then punch / punch then kick, jump then bow / bow then jump,
    open the fist / close the fist, count up / count down, turn the palm up / turn the palm down,
    turn a knob clockwise / turn a knob anticlockwise, roll the hand clockwise / roll the hand anticlockwise,
    grasp and pull / let go and push, grasp and lift / set down and let go,
    spread two fingers apart / bring two fingers together, lay the hands together / take the hands apart,
    fold the hands / unfold the hands, roll the fists forwards / roll the fists backwards,
    cross the wrists / uncross the wrists, open the hands like a book / close the hands like a book,
    show a length growing / show a length shrinking, sit down on the floor / rise from the floor,
    lie back from sitting / sit up from lying""")
] + [
    [f"trace {figure} with {what}" for figure in pair.split(" / ")]
    for what in ("a finger", "an arm")
    for pair in _names("""
        a line up / a line down, a line to the left / a line to the right, stairs up / stairs down,
        a square clockwise / a square anticlockwise, a triangle clockwise / a triangle anticlockwise,
        a circle clockwise / a circle anticlockwise, a spiral outwards / a spiral inwards,
        a bow to the left / a bow to the right""")
]
# Run backwards these look as they do forwards.
_EITHER_WAY = _names("""
    shake, bob up and down, rock from side to side, poke, pass in front, pass behind, pass over,
    open and close the hand, knock on the table, stroke the table, swap, turn upside down, tap with a finger,
    slide left and back, slide right and back, wave, wave with both arms, clap overhead, point to the left,
    point to the right, point up, touch the toes, squat, bend to the left, bend to the right, twist to and fro,
    salute, drink, push forward, jumping jack, raise a knee, march on the spot, stretch, climb, shake hands,
    point at another, hop on one leg, lunge, lunge and wave, sway, beckon, hug, wave at each other, clap,
    wave with one hand, bow, take a phone call, point forward, squat and clap, high five, bow to each other,
    pat on the shoulder, show one finger, show two fingers, show three fingers, show four fingers,
    show an open hand, show a fist, show horns, show thumb and finger, show the little finger,
    show crossed fingers, show a claw, show a ring, show thumb and little finger, open and close the fist,
    pinch with two fingers, talk with the hand, cut with two fingers, beckon with the hand, beckon with one finger,
    bend and stretch two fingers, shake a finger, nod with a finger, push with the palm, pat down,
    lift up with the palm, chop, rock the hand, turn the hand round, stir, press a button, knock with the knuckles,
    shake the fist, type on keys, write, wave the hand, wave with the fingers, rub palm on palm,
    rub palms in circles, rub the back of a hand, rub between the fingers, rub between the fingers from behind,
    hook the fingers and rub, turn a thumb in the fist, turn the fingertips in the palm, rub the wrist,
    wring the hands, press soap out, shake the hands dry, rub the nails on the palm, stroke along the forearm,
    rinse under water, clap the hands, slap the back of a hand, beat the fist into the palm, knock fists together,
    twist a lid, pull on a rope, drum with both hands, milk, tap the wrist, pinch the other hand,
    interlock the thumbs and flap, flutter the fingers, pull down with both arms, press up with both arms,
    row with both arms, curl the arms, knock at a door, wipe a window, saw, hammer, scratch the head,
    wipe the face, nod, flap the arms, cross the arms before the chest, swing the arms open and crossed,
    cover the ears, cough, put on a hat, look at a watch, shrug, shake the head, raise the arms to the sides,
    raise the arms to the front, rock paper scissors, bump fists, clink cups, wag a finger at another,
    hold another up, wrestle, dance with another, swing hands with another, nudge another, shake hands for long,
    point at another and scold, talk with the hands, take a photo of another, whisper to another,
    touch another's pocket, hug for long, support another, wave to another over there, applaud another,
    slap another's hand, slap on the back, bow deeply to another, push-ups, sit-ups, raise both legs lying,
    pedal on the back, raise the hips lying, climb on the spot lying on the hands, arch and hollow on all fours,
    stretch arm and leg on all fours, lift chest and arms on the front, raise a leg sitting, make a snow angel,
    sit and reach for the toes, sit and twist, sit and draw up the knees, bend down kneeling, lean back kneeling,
    touch toes in turn, lunge to both sides, bend to both sides, squat again and again, lift the knees in turn,
    swing a leg, kick back on all fours, swim on the front, hug the knees lying,
    drop both knees to a side lying""")
# In a mirror these are another movement, one that is not among the actions.
_ONE_SIDED = _names("""
    draw an L, draw a Z, draw a V, draw a figure eight, draw a spiral outwards, draw a spiral inwards, draw an S,
    draw stairs up, draw stairs down, draw a cross""") + [
    f"trace {figure} with {what}"
    for what in ("a finger", "an arm")
    for figure in _names("""
        an L, a Z, a V, a figure eight, a spiral outwards, a spiral inwards, an S, stairs up, stairs down, a cross,
        an N, a W, a tick, a zigzag down, a T, a plus, a wave, a loop, a slash, an arrow, a heart""")
]
_OTHER_SIDE = {"left": "right", "right": "left", "clockwise": "anticlockwise", "anticlockwise": "clockwise"}


def actions(split, family=None):
    """The actions of a split ("base", "validation", "world" or "novel"), of one of FAMILIES or of all."""
    if split not in PARTS:
        raise D2STError(f"There is no split {split!r}: choose one of {', '.join(PARTS)}.")
    if family not in (None, *FAMILIES):
        raise D2STError(f"There is no family of actions {family!r}: choose one of {', '.join(FAMILIES)}.")
    return [name for (of, part), names in SPLITS.items() if part == split and family in (None, of) for name in names]


def mirror(action):
    """The action that a mirror makes of this one: itself, its opposite, or None if that is no action of ours."""
    if action in _ONE_SIDED:
        return None
    return " ".join(_OTHER_SIDE.get(word, word) for word in action.split())


def reverse(action):
    """The action that this one is when run backwards: itself, its opposite, or None if that is no action of ours."""
    if action in _EITHER_WAY:
        return action
    opposite = {one: other for pair in _REVERSED for one, other in (pair, pair[::-1])}
    return opposite.get(action)
