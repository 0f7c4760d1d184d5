"""Simple solids as text: a box as STEP AP214 and as ASCII STL. Both stand in for a part's blank."""

from __future__ import annotations

from itertools import count

Vertex = tuple[float, float, float]

# Corners of the unit cube, and its faces as loops that turn counter-clockwise seen from outside.
CORNERS: tuple[Vertex, ...] = (
    (0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1),
)  # fmt: skip
FACES: tuple[tuple[Vertex, tuple[int, int, int, int]], ...] = (
    ((0, 0, -1), (0, 3, 2, 1)),
    ((0, 0, 1), (4, 5, 6, 7)),
    ((0, -1, 0), (0, 1, 5, 4)),
    ((1, 0, 0), (1, 2, 6, 5)),
    ((0, 1, 0), (2, 3, 7, 6)),
    ((-1, 0, 0), (3, 0, 4, 7)),
)


def corners(size: Vertex) -> tuple[Vertex, ...]:
    return tuple((x * size[0], y * size[1], z * size[2]) for x, y, z in CORNERS)


def stl_box(name: str, size: Vertex) -> bytes:
    """A box of `size` mm with one corner in the origin: 12 triangles."""
    points = corners(size)
    lines = [f"solid {name}"]
    for normal, (a, b, c, d) in FACES:
        for triangle in ((a, b, c), (a, c, d)):
            lines += ["  facet normal {:g} {:g} {:g}".format(*normal), "    outer loop"]
            lines += ["      vertex {:g} {:g} {:g}".format(*points[index]) for index in triangle]
            lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""]).encode("ascii")


def step_box(name: str, size: Vertex) -> bytes:
    """A box of `size` mm with one corner in the origin, as a manifold solid with planar faces."""
    writer = _StepWriter()
    shape = writer.box(size)
    writer.product(name, shape)
    return writer.file(name)


class _StepWriter:
    """Numbers the entities of a STEP file as they are added."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lines: list[str] = []

    def add(self, entity: str) -> str:
        reference = f"#{next(self._numbers)}"
        self._lines.append(f"{reference}={entity};")
        return reference

    def point(self, at: Vertex) -> str:
        return self.add(f"CARTESIAN_POINT('',({_reals(at)}))")

    def direction(self, towards: Vertex) -> str:
        return self.add(f"DIRECTION('',({_reals(towards)}))")

    def placement(self, at: Vertex, axis: Vertex, across: Vertex) -> str:
        parts = (self.point(at), self.direction(axis), self.direction(across))
        return self.add(f"AXIS2_PLACEMENT_3D('',{','.join(parts)})")

    def box(self, size: Vertex) -> str:
        points = corners(size)
        vertices = [self.add(f"VERTEX_POINT('',{self.point(point)})") for point in points]
        edges: dict[tuple[int, int], str] = {}
        for _, loop in FACES:
            for a, b in _sides(loop):
                if (b, a) not in edges:
                    edges[a, b] = self._edge(points[a], points[b], vertices[a], vertices[b])
        faces = [self._face(points, normal, loop, edges) for normal, loop in FACES]
        shell = self.add(f"CLOSED_SHELL('',({','.join(faces)}))")
        return self.add(f"MANIFOLD_SOLID_BREP('',{shell})")

    def _edge(self, start: Vertex, end: Vertex, first: str, second: str) -> str:
        vector = self.add(f"VECTOR('',{self.direction(_unit(start, end))},1.)")
        line = self.add(f"LINE('',{self.point(start)},{vector})")
        return self.add(f"EDGE_CURVE('',{first},{second},{line},.T.)")

    def _face(
        self,
        points: tuple[Vertex, ...],
        normal: Vertex,
        loop: tuple[int, int, int, int],
        edges: dict[tuple[int, int], str],
    ) -> str:
        oriented = [
            self.add(f"ORIENTED_EDGE('',*,*,{edges.get((a, b)) or edges[b, a]},{'.T.' if (a, b) in edges else '.F.'})")
            for a, b in _sides(loop)
        ]
        bound = self.add(f"FACE_OUTER_BOUND('',{self.add('EDGE_LOOP(' + chr(39) * 2 + ',(' + ','.join(oriented) + '))')},.T.)")
        plane = self.add(f"PLANE('',{self.placement(points[loop[0]], normal, _unit(points[loop[0]], points[loop[1]]))})")
        return self.add(f"ADVANCED_FACE('',({bound}),{plane},.T.)")

    def product(self, name: str, solid: str) -> None:
        """The product with its shape and units (mm), as AP214 wants them around a solid."""
        application = self.add("APPLICATION_CONTEXT('core data for automotive mechanical design processes')")
        self.add(f"APPLICATION_PROTOCOL_DEFINITION('international standard','automotive_design',2000,{application})")
        context = self.add(f"PRODUCT_CONTEXT('',{application},'mechanical')")
        product = self.add(f"PRODUCT('{name}','{name}','',({context}))")
        formation = self.add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
        stage = self.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',{application},'design')")
        definition = self.add(f"PRODUCT_DEFINITION('design','',{formation},{stage})")
        shape = self.add(f"PRODUCT_DEFINITION_SHAPE('','',{definition})")
        origin = self.placement((0, 0, 0), (0, 0, 1), (1, 0, 0))
        units = self._units()
        representation = self.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',({origin},{solid}),{units})")
        self.add(f"SHAPE_DEFINITION_REPRESENTATION({shape},{representation})")

    def _units(self) -> str:
        length = self.add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
        angle = self.add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
        solid_angle = self.add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
        accuracy = self.add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-07),{length},'distance_accuracy_value','')")
        return self.add(
            "(GEOMETRIC_REPRESENTATION_CONTEXT(3)"
            f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({accuracy}))"
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({length},{angle},{solid_angle}))"
            "REPRESENTATION_CONTEXT('',''))"
        )

    def file(self, name: str) -> bytes:
        header = (
            "ISO-10303-21;\nHEADER;\n"
            "FILE_DESCRIPTION(('Draftmill sample'),'2;1');\n"
            f"FILE_NAME('{name}.step','2024-03-01T09:00:00',('Draftmill demo'),(''),'','','');\n"
            "FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));\nENDSEC;\nDATA;\n"
        )
        return (header + "\n".join(self._lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode("ascii")


def _sides(loop: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    return [(loop[k], loop[(k + 1) % 4]) for k in range(4)]


def _unit(start: Vertex, end: Vertex) -> Vertex:
    """The direction of an axis-parallel edge."""
    x, y, z = ((e > s) - (e < s) for s, e in zip(start, end, strict=True))
    return (float(x), float(y), float(z))


def _reals(values: Vertex) -> str:
    """STEP wants a point in every real number: `12.`, `0.5`."""
    return ",".join(f"{value:g}" if "." in f"{value:g}" else f"{value:g}." for value in values)
