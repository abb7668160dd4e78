"""Hostile files that are no packages: broken OLE containers, texts, web archives. Each function returns its path."""

import io
import struct
from pathlib import Path

import xlwt

HEADER = 512


def xls_bytes(rows: int = 600) -> bytes:
    """A good .xls of two columns, large enough for a chain of sectors."""
    book, stream = xlwt.Workbook(), io.BytesIO()
    only = book.add_sheet("名册")
    for number in range(rows):
        only.write(number, 0, f"王{number}")
        only.write(number, 1, number)
    book.save(stream)
    return stream.getvalue()


def _allocation(data: bytes | bytearray) -> int:
    """Where the first sector of the allocation table begins."""
    return HEADER + struct.unpack_from("<I", data, 76)[0] * 512


def circle_of_sectors(path: Path) -> Path:
    """The third sector of the workbook's stream is followed by the first."""
    data = bytearray(xls_bytes())
    struct.pack_into("<I", data, _allocation(data) + 2 * 4, 0)
    path.write_bytes(bytes(data))
    return path


def circle_of_tables(path: Path) -> Path:
    """An allocation table that is continued by itself, as often as there are numbers."""
    data = bytearray(xls_bytes())
    struct.pack_into("<II", data, 68, 0, 0xFFFFFFF0)
    struct.pack_into("<I", data, HEADER + 508, 0)
    path.write_bytes(bytes(data))
    return path


def sector_beyond_the_end(path: Path) -> Path:
    data = bytearray(xls_bytes())
    struct.pack_into("<I", data, _allocation(data) + 2 * 4, 0x00FFFFFF)
    path.write_bytes(bytes(data))
    return path


def cut_xls(path: Path) -> Path:
    data = xls_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def locked_xls(path: Path) -> Path:
    """A FILEPASS record behind the first one, as a password for opening leaves it."""
    data = xls_bytes()
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    at = start + 20
    lock = struct.pack("<HHHHH16s16s16s", 0x2F, 54, 1, 1, 1, b"\x01" * 16, b"\x02" * 16, b"\x03" * 16)
    path.write_bytes(data[:at] + lock + data[at + len(lock) :])
    return path


def corners_of_an_xls(path: Path) -> Path:
    """Values in the first and the last cell of the largest sheet BIFF knows: 16 million cells between them."""
    book = xlwt.Workbook()
    only = book.add_sheet("名册")
    only.write(0, 0, "姓名")
    only.write(65_535, 255, "王伟")
    book.save(str(path))
    return path


def web_archive(path: Path) -> Path:
    head = "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\n"
    path.write_text(head + "--x\r\nContent-Type: text/html\r\n\r\n<table><tr><td>1</table>\r\n--x--\r\n")
    return path


def symbolic_link_file(path: Path) -> Path:
    path.write_text("ID;PWXL;N;E\r\nC;Y1;X1;K\"name\"\r\nE\r\n")
    return path


def interchange_file(path: Path) -> Path:
    path.write_text("TABLE\r\n0,1\r\n\"EXCEL\"\r\nVECTORS\r\n0,2\r\n\"\"\r\nDATA\r\n0,0\r\n\"\"\r\n-1,0\r\nEOD\r\n")
    return path


def endless_line(path: Path) -> Path:
    """A hundred megabytes without a line break."""
    with path.open("w") as stream:
        for _megabyte in range(100):
            stream.write("a,bc" * 2**18)
    return path


def endless_cell(path: Path) -> Path:
    path.write_text("姓名,备注\n王伟," + "长" * 200_000 + "\n")
    return path


def open_quote(path: Path) -> Path:
    """A quotation mark typed into one cell: everything behind it would become that cell."""
    path.write_text("姓名,性别\n王伟,男\n\"李红,女\n" + "".join(f"张{number},男\n" for number in range(300)))
    return path


def open_quote_far(path: Path) -> Path:
    path.write_text("姓名,性别\n王伟,男\n\"李红,女\n" + "".join(f"张{number},男\n" for number in range(50_000)))
    return path


def nul_bytes(path: Path) -> Path:
    path.write_bytes("姓名,性别\n".encode() + b"\x00" * 5_000 + "王伟,男\n".encode())
    return path


def laughing_2003(path: Path) -> Path:
    """A workbook of XML 2003 whose entities grow."""
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell>'
        "<Data>&l9;</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    return path


def wide_page(path: Path) -> Path:
    """A web page whose cells say they are 500 columns wide, two hundred thousand times in one row."""
    path.write_text("<table><tr>" + "<td colspan=500>1" * 200_000 + "</table>")
    return path
