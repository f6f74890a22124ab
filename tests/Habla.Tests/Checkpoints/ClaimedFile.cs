using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>What a header claims of a tensor, as the texts that stand in it.</summary>
public sealed record ClaimedTensor(string Name, string Dtype, string[] Shape, string[] Offsets)
{
    public override string ToString() =>
        $$"""
        "{{Name}}":{"dtype":"{{Dtype}}","shape":[{{string.Join(',', Shape)}}],"data_offsets":[{{string.Join(',', Offsets)}}]}
        """;
}

/// <summary>
/// A file whose header is well-formed and may lie, with a second opinion on whether it does: plain, slow, in numbers without bound, and
/// byte by byte where the reader sorts.
/// </summary>
public sealed record ClaimedFile(ClaimedTensor[] Tensors, int DataBytes)
{
    private static readonly (string Name, int Bytes)[] _dtypes = [("U8", 1), ("BOOL", 1), ("F16", 2), ("F32", 4), ("F32", 4), ("I64", 8)];

    private static readonly string[] _numbers =
    [
        "0", "0", "1", "1", "2", "3", "4", "8", "4294967296", "2305843009213693952", "4611686018427387904", "4611686018427387905",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "-1", "-0", "1.0", "1e0",
    ];

    /// <summary>Up to five tensors laid out soundly, in any order, and then up to two lies.</summary>
    public static Arbitrary<ClaimedFile> Any { get; } = Generated().ToArbitrary();

    /// <summary>Whether every claim holds and the tensors tile the data.</summary>
    public bool IsSound
    {
        get
        {
            if (Tensors.DistinctBy(tensor => tensor.Name).Count() < Tensors.Length)
                return false;
            var places = new List<(BigInteger Begin, BigInteger End)>();
            foreach (ClaimedTensor tensor in Tensors)
            {
                if (tensor.Offsets.Length != 2 || !tensor.Shape.Concat(tensor.Offsets).All(IsPlain)
                    || !_dtypes.Any(dtype => dtype.Name == tensor.Dtype))
                    return false;
                BigInteger begin = BigInteger.Parse(tensor.Offsets[0]), end = BigInteger.Parse(tensor.Offsets[1]);
                BigInteger bytes = _dtypes.First(dtype => dtype.Name == tensor.Dtype).Bytes, withoutZeros = bytes;
                foreach (BigInteger size in tensor.Shape.Select(BigInteger.Parse))
                    (bytes, withoutZeros) = (bytes * size, withoutZeros * BigInteger.Max(size, 1));
                if (withoutZeros > long.MaxValue || end - begin != bytes || end > DataBytes)
                    return false;
                places.Add((begin, end));
            }

            return Enumerable.Range(0, DataBytes).All(at => places.Count(place => place.Begin <= at && at < place.End) == 1)
                && places.Where(place => place.Begin == place.End)
                    .All(empty => !places.Any(place => place.Begin < empty.Begin && empty.Begin < place.End));
        }
    }

    public byte[] ToBytes() => SafetensorsSamples.ByHand("{" + string.Join(',', Tensors.AsEnumerable()) + "}", DataBytes);

    public void AssertReadAs(SafetensorsFile file)
    {
        Assert.Equal(Tensors.Length, file.Tensors.Count);
        foreach (ClaimedTensor tensor in Tensors)
        {
            SafetensorsTensor read = file[tensor.Name];
            Assert.Equal(tensor.Shape, read.Shape.Select(size => $"{size}"));
            Assert.Equal(string.Join(',', tensor.Offsets), $"{read.Begin},{read.End}");
        }
    }

    public override string ToString() => "{" + string.Join(',', Tensors.AsEnumerable()) + "} and " + DataBytes + " bytes";

    private static bool IsPlain(string number) =>
        number.All(char.IsAsciiDigit) && (number == "0" || number[0] != '0') && BigInteger.Parse(number) <= long.MaxValue;

    private static Gen<ClaimedFile> Generated()
    {
        Gen<(int Dtype, int[] Shape)> tensor = Gen.Choose(0, _dtypes.Length - 1).Zip(
            Gen.Choose(0, 3).SelectMany(rank => Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Choose(1, 3))).ArrayOf(rank)));
        Gen<ClaimedFile> sound = Gen.Choose(0, 5).SelectMany(count => tensor.ArrayOf(count)).Select(LaidOut);
        return from file in sound
               from order in Gen.Shuffle(file.Tensors)
               from lies in Gen.Choose(0, 2)
               from draws in Gen.Choose(0, 1_000_000).ArrayOf(4 * lies)
               select draws.Chunk(4).Aggregate(file with { Tensors = [.. order] }, Lie);
    }

    private static ClaimedFile LaidOut((int Dtype, int[] Shape)[] tensors)
    {
        var claims = new List<ClaimedTensor>();
        int end = 0;
        foreach ((int dtype, int[] shape) in tensors)
        {
            int begin = end;
            end += shape.Aggregate(_dtypes[dtype].Bytes, (bytes, size) => bytes * size);
            claims.Add(new ClaimedTensor(
                $"t{claims.Count}", _dtypes[dtype].Name, [.. shape.Select(size => $"{size}")], [$"{begin}", $"{end}"]));
        }

        return new ClaimedFile([.. claims], end);
    }

    /// <summary>Changes one thing; by chance to what it was.</summary>
    private static ClaimedFile Lie(ClaimedFile file, int[] draws)
    {
        if (file.Tensors.Length == 0)
            return file with { DataBytes = draws[0] % 3 };
        int which = draws[0] % file.Tensors.Length;
        ClaimedTensor tensor = file.Tensors[which], other = file.Tensors[draws[2] % file.Tensors.Length];
        string number = _numbers[draws[2] % _numbers.Length];
        return (draws[1] % 10) switch
        {
            0 => file with { DataBytes = file.DataBytes + (draws[2] % 3) },
            1 => With(tensor with { Name = other.Name }),
            2 => With(tensor with { Dtype = _dtypes[draws[2] % _dtypes.Length].Name }),
            3 => With(tensor with { Dtype = draws[2] % 2 == 0 ? "F4" : "f32" }),
            4 or 5 => With(tensor with { Shape = Put(tensor.Shape, draws[3], number) }),
            6 => With(tensor with { Shape = [.. tensor.Shape, number] }),
            7 => With(tensor with { Offsets = Put(tensor.Offsets, draws[3], number) }),
            8 => With(tensor with { Offsets = other.Offsets }),
            _ => With(tensor with { Offsets = draws[2] % 2 == 0 ? tensor.Offsets[..1] : [.. tensor.Offsets, number] }),
        };

        ClaimedFile With(ClaimedTensor changed) =>
            file with { Tensors = [.. file.Tensors.Select((claim, i) => i == which ? changed : claim)] };
    }

    private static string[] Put(string[] numbers, int at, string number) =>
        numbers.Length == 0 ? numbers : [.. numbers.Select((old, i) => i == at % numbers.Length ? number : old)];
}
