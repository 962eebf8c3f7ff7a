"""All actions: which split each belongs to, and what it becomes in a mirror or run backwards.

What is a mirrored or reversed form of an action stands in the same split as the action.
"""

from ..errors import D2STError


def _names(text):
    return [" ".join(name.split()) for name in text.split(",")]


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
    kneel down / rise from the knees, kick then punch / punch then kick, jump then bow / bow then jump""")
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
    pat on the shoulder""")
# In a mirror these are another movement, one that is not among the actions.
_ONE_SIDED = _names("""
    draw an L, draw a Z, draw a V, draw a figure eight, draw a spiral outwards, draw a spiral inwards, draw an S,
    draw stairs up, draw stairs down, draw a cross""")
_OTHER_SIDE = {"left": "right", "right": "left", "clockwise": "anticlockwise", "anticlockwise": "clockwise"}


def actions(split, family=None):
    """The actions of a split ("base", "validation" or "novel"), of one family ("table" or "people") or of both."""
    if split not in ("base", "validation", "novel"):
        raise D2STError(f"There is no split {split!r}: choose base, validation or novel.")
    if family not in (None, "table", "people"):
        raise D2STError(f"There is no family of actions {family!r}: choose table or people.")
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
