namespace Habla.Tensors;

/// <summary>Tensors whose shapes do not fit together were given to an operation.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The operation, the shapes, and the dimension that does not fit.</param>
    public ShapeException(string message)
        : base(message)
    {
    }

    internal static void Require(bool holds, string operation, Shape first, Shape second, string expected)
    {
        if (!holds)
        {
            throw new ShapeException($"{operation}: {first} and {second} do not fit: {expected}");
        }
    }
}
