namespace Habla.Tensors;

/// <summary>Placeholder.</summary>
public readonly record struct Shape;
