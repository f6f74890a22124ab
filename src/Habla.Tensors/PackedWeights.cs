using System.Collections.Concurrent;
using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors;

/// <summary>
/// The weight matrices of a model, transposed and packed as the matrix product reads them, once for all passes of a step instead
/// of once for each. Changes no result.
/// </summary>
/// <remarks>
/// Which matrices there are is learned from the passes: the first step finds nothing here and packs for itself. Packing in each of
/// four passes took 4 % of a step of the preset nanogpt-cpu; with one pass a step there is nothing to gain.
/// </remarks>
public sealed unsafe class PackedWeights : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly RoundedWeights? _rounded;
    private readonly Dictionary<ParameterView, long> _offsets = [];
    private readonly List<ParameterView> _views = [];
    private readonly ConcurrentDictionary<ParameterView, bool> _asked = [];
    private AlignedMemory? _memory;

    /// <summary>Prepares for the parameters of one model; nothing is packed yet.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="rounded">Packs this copy of them; null (the default) for the parameters themselves.</param>
    public PackedWeights(ParameterSet parameters, RoundedWeights? rounded = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (_parameters, _rounded) = (parameters, rounded);
    }

    /// <summary>
    /// Packs every matrix that passes have asked for. Until the next call the weights must not change, or passes would compute with
    /// those of before.
    /// </summary>
    /// <param name="pool">The threads to share the work with.</param>
    public void Refresh(WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (!_asked.IsEmpty)
        {
            MakeRoom();
        }

        pool.For(_views.Count, new Packing { Owner = this });
    }

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    internal void RequireParameters(ParameterSet parameters, string argument)
    {
        if (parameters != _parameters)
        {
            throw new ArgumentException("these are the packed weights of another parameter set", argument);
        }
    }

    /// <summary>The packed panels of Wᵀ for W <c>[out, in]</c>; null where they are not there yet.</summary>
    internal float* Find(ParameterView view)
    {
        if (_offsets.TryGetValue(view, out long offset))
        {
            return _memory!.Pointer + offset;
        }

        _asked.TryAdd(view, true);
        return null;
    }

    private void MakeRoom()
    {
        _views.AddRange(_asked.Keys.OrderBy(view => view.First.Index));
        _asked.Clear();
        long size = 0;
        foreach (ParameterView view in _views)
        {
            _offsets[view] = size;
            size += Gemm.PackedSize(view.Shape[1], view.Shape[0]);
        }

        _memory?.Dispose();
        _memory = new AlignedMemory(size);
    }

    private struct Packing : IParallelWork
    {
        public PackedWeights Owner;

        public readonly void Run(int piece)
        {
            ParameterView view = Owner._views[piece];
            int outputs = view.Shape[0], inputs = view.Shape[1];
            float* weights = Owner._rounded is { } rounded ? rounded.Pointer : Owner._parameters.Pointer;
            MatrixView weight = MatrixView.RowMajor(weights + view.First.Offset, inputs);
            Gemm.PackAll(weight.Transposed, inputs, outputs, Owner.Find(view));
        }
    }
}
