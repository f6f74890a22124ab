namespace Habla.Training.Health;

/// <summary>The least value of a series, and the step it was at.</summary>
internal sealed class LeastValue
{
    /// <summary>The value; infinite before the first one.</summary>
    public double Value { get; private set; } = double.PositiveInfinity;

    /// <summary>The step of the value; 0 before the first one.</summary>
    public int Step { get; private set; }

    /// <summary>Value and step; set them to go on where a run was interrupted.</summary>
    public IReadOnlyList<double> Marks
    {
        get => [Value, Step];
        set => (Value, Step) = (value[0], (int)value[1]);
    }

    /// <summary>Takes a value in; of equal ones the first counts.</summary>
    public void Add(double value, int step)
    {
        if (value < Value)
        {
            (Value, Step) = (value, step);
        }
    }
}
