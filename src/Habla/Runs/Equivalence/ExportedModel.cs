using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;

namespace Habla.Runs.Equivalence;

/// <summary>A form in which a model leaves for other programs, and the way back.</summary>
/// <param name="Name">What a card calls it.</param>
/// <param name="IsExact">Whether nothing is rounded on the way.</param>
/// <param name="ThereAndBack">Writes a model into a folder and reads a new one from it.</param>
internal sealed record ExportedModel(string Name, bool IsExact, Func<PortableModel, string, Gpt> ThereAndBack)
{
    /// <summary>Every form.</summary>
    public static IReadOnlyList<ExportedModel> Kinds { get; } =
    [
        new("Hugging Face", true, HuggingFace),
        new("GGUF f32", true, (model, folder) => Gguf(model, folder, GgufType.F32)),
        new("GGUF f16", false, (model, folder) => Gguf(model, folder, GgufType.F16)),
        new("GGUF q8_0", false, (model, folder) => Gguf(model, folder, GgufType.Q8)),
    ];

    /// <summary>The row of a card: a form that has no place for the model says why.</summary>
    /// <param name="model">The model.</param>
    /// <param name="compare">Holds what came back against the model.</param>
    public EquivalenceRow Row(SavedModel model, Func<Gpt, LogitDifference> compare)
    {
        string folder = Directory.CreateTempSubdirectory("habla-card-").FullName;
        try
        {
            using Gpt back = ThereAndBack(new PortableModel(model.Model, model.Tokenizer, model.BeginsWithBos), folder);
            return new EquivalenceRow(Name, IsExact, compare(back));
        }
        catch (InvalidInputException problem)
        {
            return new EquivalenceRow(Name, IsExact, null, problem.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Gpt HuggingFace(PortableModel model, string folder)
    {
        HuggingFaceExport.Write(folder, model);
        return HuggingFaceImport.Read(folder).Model.Model;
    }

    private static Gpt Gguf(PortableModel model, string folder, GgufType type)
    {
        string file = Path.Combine(folder, "model.gguf");
        GgufExport.Write(file, model, type, "model");
        var back = new Gpt(model.Model.Config);
        try
        {
            GgufFile.ReadInto(file, back);
            return back;
        }
        catch
        {
            back.Dispose();
            throw;
        }
    }
}
