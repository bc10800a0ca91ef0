"""What the worklists lend themselves: owner and notes of a stay, and the list of stays that nobody has."""

from app.web.lists import Chip, Choice, Column, Export, Field, Filter, Join, Lends, Opening, SortKey, WorkList, local
from app.worklists.assignment.unassigned import leaving_alone

JOINS = (
    Join(
        "owner",
        "left join assignment a on a.encounter_id = e.id and a.ended_at is null"
        " left join app_user u on u.id = a.user_id left join app_user v on v.id = a.covers_for",
    ),
    Join(
        "notes",
        "cross join lateral (select count(*)::int as written, coalesce((array_agg(one.text order by"
        " one.written_at desc) filter (where one.pinned))[1], '') as pinned from note one"
        " where one.encounter_id = e.id and one.current and one.struck_at is null) n",
    ),
)

OWNER = Column(
    "owner",
    "Owner",
    "own",
    "worklists/cells/_owner.html",
    place=90,
    sort="owner",
    joins=("owner",),
    fields=(
        Field(
            "owner",
            "case when a.user_id is null then '' when a.user_id = %(me)s::uuid then 'Me' else u.display_name end",
        ),
    ),
    export=(Export("owner_name", "Owner", "u.display_name"),),
    paper=("owner_name",),
)

SELECT = Column("select", "Select", "sel", "worklists/cells/_select.html", fields=(), place=10)
NOTE = Column(
    "note",
    "Pinned note",
    "",
    "",
    joins=("notes",),
    place=0,
    hidden=True,
    fields=(Field("note", "n.pinned"),),
    export=(Export("note", "Pinned note"),),
)
LOOK = Column("look", "Look in place", "exp", "worklists/cells/_look.html", fields=(), place=100)

# The day before a return at midnight is the last day of the cover; on the day itself its time matters.
_UNTIL = (
    f"case when {local('a.returns_at')}::date = %(today)s::date then to_char({local('a.returns_at')}, 'HH24:MI')"
    f" else to_char({local('a.returns_at')} - interval '1 minute', 'Dy') end"
)

CHIPS = (
    Chip(
        "cover",
        "case when a.covers_for = %(me)s::uuid then 'blue swap ' || "
        f"coalesce('back to you ' || {_UNTIL}, 'covered for you') when a.covers_for is not null"
        " then 'blue swap covering ' || split_part(v.display_name, ' ', 1)"
        f" || coalesce(' until ' || {_UNTIL}, '') end",
        7,
        joins=("owner",),
    ),
    Chip(
        "notes",
        "case when n.written > 0 then 'gray pen ' || n.written ||"
        " case when n.written = 1 then ' note' else ' notes' end end",
        70,
        joins=("notes",),
    ),
)

FILTERS = (
    Filter(
        "owner",
        "Owner",
        "u.name",
        "u.display_name",
        joins=("owner",),
        choices=(
            Choice("me", "Me", "a.user_id = %(me)s::uuid"),
            Choice("nobody", "Nobody", "a.user_id is null"),
            Choice("covering", "Covered for somebody", "a.covers_for is not null"),
            Choice("lent", "Mine, a colleague covers", "a.covers_for = %(me)s::uuid"),
        ),
    ),
    Filter(
        "note",
        "Notes",
        joins=("notes",),
        choices=(Choice("pinned", "Pinned", "n.pinned <> ''"), Choice("any", "Any", "n.written > 0")),
    ),
)

LISTS = (
    WorkList(
        "unassigned",
        "Unassigned",
        "e.status in ('admitted', 'on_leave') and e.patient_class in ('IP', 'OBS') and a.user_id is null",
        ("leaving", "next", "unit"),
        "Every stay has somebody.",
        joins=("owner",),
        opening=Opening("worklists/assignment/_leaving.html", leaving_alone),
    ),
)

LENDS = Lends(
    joins=JOINS,
    columns=(SELECT, NOTE, OWNER, LOOK),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(
        SortKey("owner", "Owner", "lower(u.display_name)", joins=("owner",)),
        SortKey("leaving", "Discharge pending first", "case when e.pending_kind = 'discharge' then 0 else 1 end"),
    ),
    lists=LISTS,
)
