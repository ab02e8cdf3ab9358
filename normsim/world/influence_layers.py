"""Influence layers, rivalry and transfer ties, built from arrays into sparse rows.

Row i of a layer holds the neighbours that influence state i. Weights of an influence layer sum to 1
over a row, or the row is empty. Layers of the real world are built from small dense matrices (n is
about 200), generated ones from lists of edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Layer(NamedTuple):
    """A network in compressed sparse rows.

    Attributes:
        indptr: (n + 1,) where each row starts.
        indices: (nnz,) neighbours, ascending within a row, never the row itself.
        weights: (nnz,) weights, not negative; rows sum to 1 or are empty, except in the rivalry
            layer, where each is 1.
    """

    indptr: Ints
    indices: Ints
    weights: Floats

    @classmethod
    def of(cls, rows: csr_array) -> Layer:
        """The layer that a SciPy sparse array describes, its indices sorted."""
        rows.sort_indices()
        return cls(rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data)

    def csr(self, weights: Floats | None = None) -> csr_array:
        """The layer as a SciPy sparse array, with other weights if given."""
        from scipy.sparse import csr_array  # imported late: it takes a sixth of a warm start

        n = len(self.indptr) - 1
        return csr_array((self.weights if weights is None else weights, self.indices, self.indptr), shape=(n, n))

    def row(self, i: int) -> tuple[Ints, Floats]:
        """Neighbours of state `i` and their weights."""
        part = slice(self.indptr[i], self.indptr[i + 1])
        return self.indices[part], self.weights[part]


def scale_rows(rows: csr_array) -> None:
    """Scale each row of a sparse array to sum to 1, in place; empty rows stay empty."""
    totals = rows @ np.ones(rows.shape[1])  # sums in order; `rows.sum(axis=1)` would sum pairwise
    rows.data /= np.repeat(totals, np.diff(rows.indptr))


class Ties(NamedTuple):
    """Pairs along which a transfer could run, sorted by recipient, then supplier.

    Attributes:
        supplier: (m,) index of the supplier.
        recipient: (m,) index of the recipient.
        ally: (m,) 1 if a defence pact joins the two, else 0.
        arms: (m,) recorded trade: 0 none, 1/3 minor, 2/3 regular, 1 major.
    """

    supplier: Ints
    recipient: Ints
    ally: Floats
    arms: Floats


def layer_from_edges(n: int, rows: Ints, columns: Ints, weights: Floats, *, normalise: bool = True) -> Layer:
    """Build a layer from a list of weighted edges.

    Args:
        n: Number of states.
        rows: (m,) index of the state that is influenced.
        columns: (m,) index of the state that influences it; self-loops are dropped.
        weights: (m,) weights; duplicate edges are summed, zeros dropped.
        normalise: Whether to scale each row to sum to 1.

    Returns:
        The layer.
    """
    from scipy.sparse import coo_array

    keep = (rows != columns) & (weights > 0)
    edges = coo_array((weights[keep].astype(np.float64), (rows[keep], columns[keep])), shape=(n, n)).tocsr()
    if normalise:
        scale_rows(edges)
    return Layer.of(edges)


def layer_from_matrix(matrix: Floats, *, normalise: bool = True) -> Layer:
    """Build a layer from a dense (n, n) matrix; see `layer_from_edges`."""
    rows, columns = np.nonzero(matrix)
    return layer_from_edges(len(matrix), rows, columns, matrix[rows, columns].astype(np.float64), normalise=normalise)


def pairs_matrix(n: int, a: Ints, b: Ints, weights: Floats | float = 1.0) -> Floats:
    """Build a symmetric (n, n) matrix from undirected pairs.

    Args:
        n: Number of states.
        a: (m,) one end of each pair.
        b: (m,) the other end.
        weights: (m,) weights, or one for all pairs; of duplicate pairs the last counts.

    Returns:
        The matrix, zero where no pair is listed.
    """
    matrix = np.zeros((n, n))
    matrix[a, b] = weights
    matrix[b, a] = weights
    return matrix


def region_layer(borders: Floats, members: Flags) -> Layer:
    """Neighbours by land and sea, and by regional organisation.

    Args:
        borders: (n, n) symmetric weights of borders: 2 near, 1 far.
        members: (n, organisations) membership in regional organisations.

    Returns:
        Weight of a pair = its border + number of regional organisations shared.
    """
    member = members.astype(np.float64)
    return layer_from_matrix(borders + member @ member.T)


def alliance_layer(pacts: Flags) -> Layer:
    """Defence pacts in force, all with the same weight.

    Args:
        pacts: (n, n) symmetric.

    Returns:
        The layer.
    """
    return layer_from_matrix(pacts.astype(np.float64))


def votes_layer(points: Floats, voting: Flags, k: int = 10) -> Layer:
    """The k states that vote most alike in the General Assembly.

    Args:
        points: (n,) ideal points.
        voting: (n,) whether the state votes. One that does not vote has neighbours but is
            nobody's neighbour.
        k: Number of neighbours; ties go to the lower index.

    Returns:
        Weight of a neighbour = 1 / (0.1 + distance).
    """
    distance = np.abs(points[:, None] - points[None, :])
    distance[:, ~voting] = np.inf
    np.fill_diagonal(distance, np.inf)
    rows, columns = _best(-distance, k)
    return layer_from_edges(len(points), rows, columns, 1.0 / (0.1 + distance[rows, columns]))


def arms_layer(tiers: Floats) -> Layer:
    """Recipients are influenced by their suppliers.

    Args:
        tiers: (n, n) recipient by supplier: 0 none, 1 minor, 2 regular, 3 major.

    Returns:
        Weight of a supplier = its tier.
    """
    return layer_from_matrix(tiers)


def organisations_layer(shared: Floats, stand_in: Floats, k: int = 15) -> Layer:
    """The k partners with which a state shares most intergovernmental organisations.

    Args:
        shared: (n, n) symmetric counts of shared organisations.
        stand_in: (n, n) counts from another list, used for states without any count in `shared`.
        k: Number of partners; ties go to the lower index.

    Returns:
        Weight of a partner = the count.
    """
    counts = np.where(shared.any(axis=1)[:, None], shared, stand_in)
    np.fill_diagonal(counts, 0.0)
    rows, columns = _best(counts, k)
    return layer_from_edges(len(counts), rows, columns, counts[rows, columns])


def rivalry_layer(rivals: Flags) -> Layer:
    """Rivals, with weight 1 and not normalised, since rivalry carries no influence.

    Args:
        rivals: (n, n) symmetric.

    Returns:
        The layer.
    """
    return layer_from_matrix(rivals.astype(np.float64), normalise=False)


def transfer_ties(pacts: Flags, tiers: Floats, rivals: Flags) -> Ties:
    """Pairs that could transfer: joined by a pact or by arms trade, and not rivals.

    Args:
        pacts: (n, n) symmetric.
        tiers: (n, n) recipient by supplier, 0 to 3.
        rivals: (n, n) symmetric.

    Returns:
        The ties; a pact makes one in each direction.
    """
    possible = (pacts | (tiers > 0)) & ~rivals
    np.fill_diagonal(possible, False)
    recipient, supplier = np.nonzero(possible)
    pair = (recipient, supplier)
    return Ties(supplier, recipient, pacts[pair].astype(np.float64), tiers[pair] / 3.0)


def _best(scores: Floats, k: int) -> tuple[Ints, Ints]:
    """Rows and columns of the k highest scores of each row; ties go to the lower index."""
    columns = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    rows = np.repeat(np.arange(len(scores)), columns.shape[1])
    flat = columns.ravel()
    keep = np.isfinite(scores[rows, flat])
    return rows[keep], flat[keep]
