using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

public sealed class TensorDifferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.In("weights.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_tensor_in_the_order_of_the_file_is_named_with_the_place_and_both_numbers()
    {
        Save(Of("z", [2, 3], 1, 2, 3, 4, 5, 6), Of("b", [2], 7, 8), Of("a", [1], 9));

        TensorDifference found = TensorDifference.Find(
            File, [Of("a", [1], 0), Of("b", [2], 7, 8.5f), Of("z", [2, 3], 1, 2, 3, 4, 5.5f, 6.5f)]);

        Assert.Equal(
            new { File = "weights.safetensors", Tensor = (string?)"z", Element = (long?)4, Recorded = (float?)5, Replayed = (float?)5.5f,
                DifferingCount = 2L, ElementCount = 6L },
            new { found.File, found.Tensor, found.Element, found.Recorded, found.Replayed, found.DifferingCount, found.ElementCount });
        Assert.Equal([1, 1], found.Index);
        Assert.Equal("z[1, 1]", found.ToString());
        Assert.Null(found.Problem);
    }

    [Fact]
    public void Numbers_are_compared_by_bits()
    {
        Save(Of("same", [2], float.NaN, -0f), Of("signed", [1], 0f));

        TensorDifference found = TensorDifference.Find(File, [Of("same", [2], float.NaN, -0f), Of("signed", [1], -0f)]);

        Assert.Equal("signed[0]", found.ToString());
        Assert.True(float.IsNegative(found.Replayed!.Value) && !float.IsNegative(found.Recorded!.Value));
    }

    [Fact]
    public void A_header_that_differs_and_no_number_is_told()
    {
        SafetensorsWriter.Write(File, [Of("a", [1], 1)], new Dictionary<string, string> { ["format"] = "another" });

        TensorDifference found = TensorDifference.Find(File, [Of("a", [1], 1)]);

        Assert.Null(found.Tensor);
        Assert.Equal("every number is the same, but the header is not", found.ToString());
    }

    [Fact]
    public void Tensors_that_one_side_lacks_or_has_in_another_shape_are_named()
    {
        Save(Of("a", [2], 1, 2), Of("more", [1], 3));

        Assert.Equal("tensor more is not one of the model's", TensorDifference.Find(File, [Of("a", [2], 1, 2)]).ToString());
        Assert.Equal(
            "tensor fewer is missing",
            TensorDifference.Find(File, [Of("a", [2], 1, 2), Of("more", [1], 3), Of("fewer", [1], 4)]).ToString());
        TensorDifference reshaped = TensorDifference.Find(File, [Of("a", [1, 2], 1, 2), Of("more", [1], 3)]);
        Assert.Equal("a", reshaped.Tensor);
        Assert.Contains("shape [1, 2] expected, file has [2]", reshaped.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_the_difference()
    {
        Save(Of("a", [2], 1, 2));
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        bytes[9] ^= 64; // within the header
        System.IO.File.WriteAllBytes(File, bytes);

        TensorDifference found = TensorDifference.Find(File, [Of("a", [2], 1, 2)]);

        Assert.StartsWith(File, found.Problem, StringComparison.Ordinal);
        Assert.Null(found.Element);
    }

    private static SafetensorsEntry Of(string name, int[] shape, params float[] numbers) => SafetensorsEntry.Of(name, shape, numbers);

    private void Save(params SafetensorsEntry[] tensors) => SafetensorsWriter.Write(File, tensors);
}
