"""Invented pictures of the demo."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

COLOURS = ("#a61b1b", "#8a5a00", "#226b35", "#1f4e79", "#6b3fa0")


def picture(mark: str, n: int) -> SimpleUploadedFile:
    """A logo: a ring with rays in one of a few colours; ``mark`` names the file. No font is needed."""
    image = Image.new("RGB", (320, 320), "white")
    draw, colour = ImageDraw.Draw(image), COLOURS[n % len(COLOURS)]
    draw.ellipse((20, 20, 300, 300), outline=colour, width=18)
    for at in range(3 + n % 4):
        draw.pieslice((70, 70, 250, 250), at * 360 / (3 + n % 4), at * 360 / (3 + n % 4) + 34, fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return SimpleUploadedFile(f"标识-{mark}.png", out.getvalue(), content_type="image/png")
