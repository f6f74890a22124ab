#!/usr/bin/env python3
"""Prints the coefficients of src/Habla.Tensors/Kernels/VectorMath.cs. Needs Python 3 and mpmath; takes half a minute.

Each polynomial is the best there is in the minimax sense: a weighted Remez exchange in 40 digits, with weights that make the error
count relative to the whole function. docs/derivations/vector-math.md tells why these functions and intervals.
"""
import struct

from mpmath import cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt, tanh

mp.dps = 40
GRID = 2000
EXCHANGES = 12


def chebyshev(low, high, i, n):
    """Point i of n + 1 between low and high, denser towards the ends, where the extrema of the error crowd."""
    return (low + high) / 2 - (high - low) / 2 * cos(pi * mpf(i) / n)


def extrema(error):
    """The largest error of each stretch of one sign: indices with alternating signs."""
    found, best = [], 0
    for i in range(1, len(error)):
        if (error[i] > 0) != (error[best] > 0):
            found.append(best)
            best = i
        elif abs(error[i]) > abs(error[best]):
            best = i
    return found + [best]


def remez(function, weight, basis, low, high):
    """The c that make max |(sum c_k basis_k(x) - function(x)) weight(x)| least, and that maximum."""
    n = len(basis)
    grid = [chebyshev(low, high, i, GRID) for i in range(GRID + 1)]
    values = [function(x) for x in grid]
    weights = [weight(x) for x in grid]
    rows = [[b(x) for b in basis] for x in grid]
    points = [chebyshev(low, high, i, n) for i in range(n + 1)]
    for _ in range(EXCHANGES):
        # The error has the same size and alternating signs at n + 1 points: n + 1 linear equations in c and that size.
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(points):
            for j, b in enumerate(basis):
                system[i, j] = b(x)
            system[i, n] = (-1) ** i / weight(x)
            right[i] = function(x)
        solution = lu_solve(system, right)
        c = [solution[j] for j in range(n)]
        error = [(sum(a * b for a, b in zip(c, row)) - v) * w for row, v, w in zip(rows, values, weights)]
        peaks = extrema(error)
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        if len(peaks) < n + 1:
            break
        points = [grid[i] for i in peaks]
    return c, max(abs(e) for e in error)


def powers(count, base=lambda x: x):
    return [lambda x, k=k: base(x) ** k for k in range(count)]


def square(x):
    return x * x


def single(x):
    """The nearest float32, in the nine digits that name it."""
    return format(struct.unpack("f", struct.pack("f", float(x)))[0], ".9g")


def show(name, fit):
    coefficients, error = fit
    print(f"{name}: largest relative error before rounding {nstr(error, 3)}")
    for k in reversed(range(len(coefficients))):
        print(f"    x^{k}  {single(coefficients[k])}")


half_ln2 = log(mpf(2)) / 2
show("exp r = 1 + r + r² p(r), |r| ≤ ln 2 / 2", remez(
    lambda r: (exp(r) - 1 - r) / r**2 if abs(r) > 1e-12 else mpf(1) / 2,
    lambda r: r**2 / exp(r), powers(5), -half_ln2 * 1.001, half_ln2 * 1.001))

low, high = sqrt(mpf("0.5")) - 1, sqrt(mpf(2)) - 1
show("ln (1 + f) = f - f²/2 + f³ p(f), √½ ≤ 1 + f ≤ √2", remez(
    lambda f: (log(1 + f) - f + f**2 / 2) / f**3 if abs(f) > 1e-8 else mpf(1) / 3,
    lambda f: abs(f**3 / log(1 + f)) if abs(f) > 1e-8 else mpf("1e-17"), powers(9), low * 1.001, high * 1.001))

show("tanh x = x + x³ p(x²), x ≤ 0.625", remez(
    lambda x: (tanh(x) / x - 1) / x**2,
    lambda x: x**3 / tanh(x), powers(5, square), mpf("1e-6"), mpf("0.625")))

show("erf x = x + x p(x²), x ≤ 0.93", remez(
    lambda x: erf(x) / x - 1,
    lambda x: x / erf(x), powers(6, square), mpf("1e-9"), mpf("0.93")))

show("-ln (1 - erf x) = x + x q(x), 0.92 ≤ x ≤ 3.95", remez(
    lambda x: (-log(erfc(x)) - x) / x,
    lambda x: x * erfc(x) / erf(x) + mpf("1e-9"), powers(8), mpf("0.92"), mpf("3.95")))
