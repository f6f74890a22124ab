using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

public class SafetensorsExpectationTests
{
    [Fact]
    public void A_wrong_shape_names_tensor_and_both_shapes()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.TwoTensors());

        var error = Assert.Throws<SafetensorsException>(() => file.Expect("tok.weight", 3, 2));

        Assert.StartsWith(
            "sample.safetensors: tensor tok.weight: shape [3, 2] expected, file has [2, 3].", error.Message, StringComparison.Ordinal);
        Assert.Equal("tok.weight", error.TensorName);
        Assert.Throws<SafetensorsException>(() => file.Expect("tok.weight", 6));
        Assert.Throws<SafetensorsException>(() => file.Expect("tok.weight"));
    }

    [Fact]
    public void A_missing_tensor_is_named_with_what_is_there()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.TwoTensors());

        var error = Assert.Throws<SafetensorsException>(() => file.Expect("head.weight", 2));

        Assert.Contains("tensor head.weight: expected, but the file has none of that name. It has tok.weight, norm.bias.", error.Message,
            StringComparison.Ordinal);
        Assert.False(file.Contains("head.weight"));
    }

    [Fact]
    public void A_tensor_too_many_is_named()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.TwoTensors());

        file.ExpectNoOther(["tok.weight", "norm.bias", "another"]);
        var error = Assert.Throws<SafetensorsException>(() => file.ExpectNoOther(["tok.weight"]));

        Assert.Contains("tensor norm.bias: not expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_number_formats_are_recognized_but_not_taken_for_float32()
    {
        byte[] bytes = SafetensorsSamples.ByHand("""{"h":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}""", 4);
        using SafetensorsFile file = SafetensorsSamples.Open(bytes);

        Assert.Equal(SafetensorsDtype.I16, file["h"].Dtype);
        var error = Assert.Throws<SafetensorsException>(() => file.Read("h", new float[2]));
        Assert.Contains("tensor h: dtype F32, F16 or BF16 expected, file has I16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_holds_float32_alone()
    {
        byte[] bytes = SafetensorsSamples.ByHand("""{"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", 4);
        using SafetensorsFile file = SafetensorsSamples.Open(bytes);

        Assert.Same(file["h"], file.ExpectShape("h", 2));
        var error = Assert.Throws<SafetensorsException>(() => file.Expect("h", 2));
        Assert.Contains("tensor h: dtype F32 expected, file has BF16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_of_another_length_is_refused()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.TwoTensors());

        var error = Assert.Throws<SafetensorsException>(() => file.Read("norm.bias", new float[3]));

        Assert.Contains("3 numbers expected, file has 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open("/no/such/weights.safetensors"));

        Assert.StartsWith("/no/such/weights.safetensors: cannot be opened", error.Message, StringComparison.Ordinal);
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(Path.GetTempPath()));
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_an_error_and_no_crash()
    {
        var stream = new MemoryStream();
        stream.Write(SafetensorsSamples.TwoTensors());
        using SafetensorsFile file = SafetensorsFile.Open(stream, "sample.safetensors");
        stream.SetLength(stream.Length - 4);

        var error = Assert.Throws<SafetensorsException>(() => file.Read("norm.bias", new float[2]));

        Assert.Contains("tensor norm.bias: cannot be read", error.Message, StringComparison.Ordinal);
    }
}
