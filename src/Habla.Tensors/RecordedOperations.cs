namespace Habla.Tensors;

/// <summary>
/// The operations of a forward pass in the order in which they were done. The next pass most often does the same ones, so their objects
/// are kept and used again.
/// </summary>
internal sealed class RecordedOperations
{
    private readonly List<Operation> _operations = [];

    /// <summary>How many this pass has recorded.</summary>
    public int Count { get; private set; }

    public Operation this[int index] => _operations[index];

    /// <summary>Appends an operation, taking the object of the same place in the last pass when it is of the same kind.</summary>
    public TOperation Add<TOperation>(Tensor output)
        where TOperation : Operation, new()
    {
        if (Count == _operations.Count)
        {
            _operations.Add(new TOperation());
        }
        else if (_operations[Count] is not TOperation)
        {
            _operations[Count] = new TOperation();
        }

        var operation = (TOperation)_operations[Count++];
        operation.Output = output;
        return operation;
    }

    /// <summary>An operation's number and kind; of one in place, also what made the tensor that it changed.</summary>
    public string Describe(int index)
    {
        string itself = $"{index + 1}, {_operations[index].Description}";
        int maker = _operations.FindIndex(0, index, other => other.Output == _operations[index].Output);
        return _operations[index].IsInPlace && maker >= 0
            ? $"{itself} in place on the output of operation {maker + 1}, {_operations[maker].Description}"
            : itself;
    }

    /// <summary>Forgets the pass.</summary>
    public void Clear() => Count = 0;
}
