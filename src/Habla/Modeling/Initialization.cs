using Habla.Tensors;

namespace Habla.Modeling;

/// <summary>First values: weights from N(0, init_std), biases 0, gains 1.</summary>
public static class Initialization
{
    /// <summary>Fills every parameter. A parameter's numbers depend on the seed and on its place in the model alone.</summary>
    /// <param name="model">The model to fill.</param>
    /// <param name="seed">The training seed.</param>
    public static void Initialize(Gpt model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        float std = (float)model.Config.InitializationStd;
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            Span<float> values = model.Parameters.Data(parameter);
            switch (parameter.Kind)
            {
                case ParameterKind.Weight:
                    var random = new SeededRandom(seed, RandomPurpose.Initialization, (uint)parameter.Index);
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = std * random.Normal((ulong)i);
                    }

                    break;
                case ParameterKind.Gain:
                    values.Fill(1f);
                    break;
                default:
                    values.Clear();
                    break;
            }
        }
    }
}
