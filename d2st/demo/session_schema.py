"""What a session file may hold, checked before anything is made of it: its description, and each of its arrays."""

import math
import zipfile
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from d2st.demo import archives
from d2st.demo.kept import LARGEST as LARGEST_PICTURES
from d2st.demo.kept import LARGEST_SIDE
from d2st.errors import D2STError

FORMAT, BEFORE = "d2st session 2", "d2st session 1"  # the one before kept whole frames, and did not know its weights
LARGEST = 500_000_000  # bytes of all arrays
MOST_CLIPS, MOST_FRAMES, MOST_FEATURES = 200, 64, 65_536
LARGEST_SHEET = 200_000  # bytes of a preview
LONGEST_DESCRIPTION = 4_000_000  # bytes of JSON

Whole = Annotated[int, Field(ge=0, le=1_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[str, Field(min_length=1, max_length=255)]


Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Sheet(BaseModel):
    """A preview's measures; its picture is an array of the clip's number."""

    model_config = ConfigDict(frozen=True, strict=True)

    size: Annotated[int, Field(ge=1, le=LARGEST_SHEET)]  # bytes of the picture
    columns: Annotated[int, Field(ge=1, le=MOST_FRAMES)]
    times: Annotated[list[Seconds], Field(min_length=1, max_length=MOST_FRAMES)]
    width: Annotated[int, Field(ge=1, le=LARGEST_SIDE)]
    height: Annotated[int, Field(ge=1, le=LARGEST_SIDE)]

    @model_validator(mode="after")
    def _times_rise(self) -> "Sheet":
        if self.times != sorted(self.times):
            raise ValueError("times")
        return self


class Record(BaseModel):
    """A clip; its pictures, times and features are arrays of its number."""

    model_config = ConfigDict(frozen=True, strict=True)

    number: Whole
    name: Name
    notes: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=20)]
    duration: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    fps: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
    width: Positive
    height: Positive
    frame_count: Positive
    looks: Annotated[int, Field(ge=1, le=MOST_FRAMES)] = 1
    digest: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    side: Annotated[int, Field(ge=1, le=LARGEST_SIDE)] | None = None  # of kept pictures
    sizes: Annotated[list[Positive], Field(min_length=1, max_length=MOST_FRAMES)] | None = None  # bytes of each
    preview: Sheet | None = None

    @model_validator(mode="after")
    def _pictures_are_told_whole(self) -> "Record":
        if self.sizes is not None and (self.side is None or self.digest is None or sum(self.sizes) > LARGEST_PICTURES):
            raise ValueError("pictures")
        return self


class Session(BaseModel):
    """The description of a workspace."""

    model_config = ConfigDict(frozen=True, strict=True)

    format: Annotated[str, Field(max_length=100)]
    model: Any = None  # a fingerprint; in the format before, words
    matching: Name
    centre: bool
    actions: Annotated[dict[Name, Annotated[list[Record], Field(min_length=1)]], Field(max_length=MOST_CLIPS)]
    query: Record | None
    part: tuple[Seconds, Seconds] | None = None  # of its file that the query is taken from

    @model_validator(mode="after")
    def _each_record_is_its_own(self) -> "Session":
        numbers = [record.number for record in self.records]
        if len(numbers) > MOST_CLIPS + 1 or len(set(numbers)) < len(numbers):
            raise ValueError("too many clips, or one twice")
        return self

    @property
    def records(self) -> list[Record]:
        examples = [record for records in self.actions.values() for record in records]
        return [*examples, self.query] if self.query else examples


class Format(BaseModel):
    """All that is asked of a description before its format is known."""

    format: Annotated[str, Field(max_length=100)]


class Arrays:
    """The arrays of an open archive, read one by one, each only where it has the shape that it must have."""

    def __init__(self, archive: zipfile.ZipFile):
        entries = archive.infolist()
        self.archive, self.entries = archive, {entry.filename: entry for entry in entries}
        if sum(entry.file_size for entry in entries) > LARGEST:
            raise D2STError(f"The session is larger than {LARGEST / 1e6:.0f} MB. Save one with fewer clips.")
        packed = {entry.compress_type for entry in entries}
        if len(self.entries) < len(entries) or not packed <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError("entries")

    def read(self, name: str, dtype: Any, shape: tuple[int | None, ...], most: int) -> np.ndarray:
        """An array of exactly this type and shape, None standing for any length, of at most so many bytes.

        ValueError for any other, before its content is read.
        """
        dtype = np.dtype(dtype)
        with self.archive.open(self.entries[f"{name}.npy"]) as file:
            version = np.lib.format.read_magic(file)
            read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            found, fortran, kind = read_header[version](file)
            fits = len(found) == len(shape) and all(
                isinstance(length, int) and length >= 0 and (wanted is None or wanted == length)
                for length, wanted in zip(found, shape, strict=True)
            )
            if not fits or fortran or kind != dtype or math.prod(found) * dtype.itemsize > most:
                raise ValueError(name)
            size = math.prod(found) * dtype.itemsize
            data = file.read(size)
            if len(data) != size or file.read(1):
                raise ValueError(name)
        return np.frombuffer(data, dtype).reshape(found)


def described(arrays: Arrays) -> Session:
    """The description in an archive. Raises `D2STError` for one of another format, ValueError for a wrong one."""
    text = arrays.read("session", np.uint8, (None,), LONGEST_DESCRIPTION).tobytes()
    try:
        said = Format.model_validate_json(text).format
        if said not in (FORMAT, BEFORE):
            raise D2STError(f"The session is of the format '{said}', and this program reads '{FORMAT}'.")
        return Session.model_validate_json(text)
    except ValidationError:
        raise ValueError("description") from None


def opened(file) -> zipfile.ZipFile:
    """A session's archive, of no more entries than a session has."""
    return archives.opened(file, "The session", 4 * (MOST_CLIPS + 1) + 2)
