"""Read text from an image of a sheet.

`engines.load` gives the engines that the options ask for, `reading.read_image` reads one image with them, and
`assemble.make_sheet` makes a Sheet of what was read. Nothing here knows of PDF; the libraries that do the work
(ONNX Runtime, OpenCV) are imported when the first page needs them, and only then.
"""
