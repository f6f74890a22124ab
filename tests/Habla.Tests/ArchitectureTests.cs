using System.Reflection;
using System.Text.RegularExpressions;
using Habla.Tensors;

namespace Habla.Tests;

/// <summary>The rules of ARCHITECTURE.md: three layers, nothing points upwards, and no two folders of Habla need each other.</summary>
public partial class ArchitectureTests
{
    private static readonly string s_source = Path.Combine(Repository.Root, "src");

    [Fact]
    public void The_engine_knows_neither_library_nor_program_and_the_library_no_program()
    {
        Assert.DoesNotContain(References(typeof(Tape).Assembly), name => name.StartsWith("Habla", StringComparison.Ordinal));
        Assert.Equal(["Habla.Tensors"], References(typeof(InvalidInputException).Assembly)
            .Where(name => name.StartsWith("Habla", StringComparison.Ordinal)));
        Assert.Empty(ProjectReferences("Habla.Tensors"));
        Assert.Equal(["Habla.Tensors"], ProjectReferences("Habla"));
        Assert.Equal(["Habla"], ProjectReferences("Habla.Cli"));
    }

    [Theory]
    [InlineData("Modeling", "Training")]
    [InlineData("Generation", "Tokenization")]
    [InlineData("Tracking", "Tensors")]
    public void A_folder_never_sees_another(string folder, string other)
    {
        Assert.True(Directory.Exists(Path.Combine(s_source, "Habla", folder)), $"there is a folder {folder}");
        IEnumerable<string> offenders = Files("Habla").Where(file => Folder(file) == folder && Names(file).Contains(other));
        Assert.Empty(offenders.Select(Path.GetFileName));
    }

    [Fact]
    public void No_folder_of_the_library_needs_itself_through_others()
    {
        Dictionary<string, SortedSet<string>> needs = FolderNeeds();
        Assert.True(needs.Count >= 10, "the folders were found");
        Assert.Contains("Modeling", needs["Training"]);
        Assert.Contains("Storage", needs["Checkpoints"]);
        Assert.Equal("", Circle(needs));
    }

    /// <summary>Health stands on Training, MLflow and TensorBoard on Tracking; nothing of the folder around knows them.</summary>
    [Fact]
    public void Folders_within_a_folder_stand_above_it()
    {
        string[] inner = [.. Files("Habla")
            .Select(file => Path.GetDirectoryName(Path.GetRelativePath(s_source, file))!)
            .Where(folder => folder.Split(Path.DirectorySeparatorChar).Length == 3).Distinct()];
        Assert.Contains(Path.Combine("Habla", "Tracking", "Mlflow"), inner);
        Assert.All(inner, folder =>
        {
            string space = folder.Replace(Path.DirectorySeparatorChar, '.'), name = Path.GetFileName(folder);
            Assert.DoesNotContain(
                Directory.EnumerateFiles(Path.Combine(s_source, Path.GetDirectoryName(folder)!), "*.cs"),
                file => Regex.IsMatch(File.ReadAllText(file), $@"\b{space}\b|(?<![\w.]){name}\.[A-Z]"));
        });
    }

    [Fact]
    public void What_all_commands_share_knows_no_command() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(s_source, "Habla.Cli", "Shell")),
        file => File.ReadAllText(file).Contains("Commands", StringComparison.Ordinal));

    [Fact]
    public void What_stands_at_the_root_of_the_library_needs_no_folder() =>
        Assert.Empty(Files("Habla").Where(file => Folder(file) == "").SelectMany(Names));

    [Theory]
    [InlineData("Habla.Tensors")]
    [InlineData("Habla")]
    [InlineData("Habla.Cli")]
    public void A_namespace_is_its_folder(string project)
    {
        foreach (string file in Files(project))
        {
            string path = Path.GetRelativePath(s_source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            Match found = NamespaceLine().Match(File.ReadAllText(file));
            Assert.True(
                !found.Success || found.Groups[1].Value == path,
                $"{file}: namespace {found.Groups[1].Value}, expected {path}");
        }
    }

    /// <summary>A file of weights is numbers and names: reading one never makes an object that the file chooses.</summary>
    [Theory]
    [InlineData("Habla.Tensors")]
    [InlineData("Habla")]
    [InlineData("Habla.Cli")]
    public void Nothing_is_saved_or_loaded_by_an_object_serializer(string project)
    {
        string[] serializers =
        [
            "BinaryFormatter", "DataContractSerializer", "NetDataContractSerializer", "XmlSerializer", "SoapFormatter", "ISerializable",
            "JsonDerivedType", "JsonPolymorphic", "Activator.CreateInstance", "Type.GetType(", "Assembly.Load",
        ];
        Assert.All(Files(project), file =>
            Assert.DoesNotContain(serializers, name => File.ReadAllText(file).Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_circle_would_be_found_and_told()
    {
        var needs = new Dictionary<string, SortedSet<string>> { ["A"] = ["B"], ["B"] = ["C", "D"], ["C"] = [], ["D"] = ["B"] };
        Assert.Equal("B -> D -> B", Circle(needs));
        needs["D"].Clear();
        Assert.Equal("", Circle(needs));
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> ProjectReferences(string project) =>
        ProjectReferenceLine().Matches(File.ReadAllText(Path.Combine(s_source, project, project + ".csproj")))
            .Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Files(string project) =>
        Directory.EnumerateFiles(Path.Combine(s_source, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(Path.Combine(s_source, project), file)
            .Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string Folder(string file)
    {
        string[] parts = Path.GetRelativePath(Path.Combine(s_source, "Habla"), file).Split(Path.DirectorySeparatorChar);
        return parts.Length > 1 ? parts[0] : "";
    }

    /// <summary>
    /// The first names after "Habla." in a file's usings and qualified names, which may leave "Habla." out (<c>Storage.ContentHash</c>);
    /// its own namespace and comments do not count.
    /// </summary>
    private static HashSet<string> Names(string file)
    {
        string[] code =
        [
            .. File.ReadLines(file)
                .Where(line => !line.StartsWith("namespace ", StringComparison.Ordinal))
                .Select(line => Comment().Replace(line, "")),
        ];
        return
        [
            .. code.SelectMany(line => QualifiedName().Matches(line)).Select(match => match.Groups[1].Value),
            .. code.SelectMany(line => ShortenedName().Matches(line)).Where(IsType).Select(match => match.Groups[1].Value),
        ];
    }

    /// <summary>Tells Storage.ContentHash, a type in its file, from Data.Validate, a member of a property.</summary>
    private static bool IsType(Match name)
    {
        string folder = Path.Combine(
            s_source, name.Groups[1].Value == "Tensors" ? "Habla.Tensors" : Path.Combine("Habla", name.Groups[1].Value));
        string type = Path.Combine(folder, name.Groups[2].Value);
        return File.Exists(type + ".cs") || Directory.Exists(type);
    }

    private static Dictionary<string, SortedSet<string>> FolderNeeds()
    {
        var needs = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (IGrouping<string, string> folder in Files("Habla").GroupBy(Folder).Where(group => group.Key.Length > 0))
        {
            needs[folder.Key] = new SortedSet<string>(StringComparer.Ordinal);
            needs[folder.Key].UnionWith(folder.SelectMany(Names).Where(name => name != folder.Key));
        }

        foreach (SortedSet<string> others in needs.Values)
        {
            others.IntersectWith(needs.Keys);
        }

        return needs;
    }

    /// <summary>A way from a folder back to itself, such as "A -> B -> A"; empty when there is none.</summary>
    private static string Circle(Dictionary<string, SortedSet<string>> needs)
    {
        var finished = new HashSet<string>();
        return needs.Keys.Order(StringComparer.Ordinal).Select(start => Follow(start, []))
            .FirstOrDefault(circle => circle.Length > 0) ?? "";

        string Follow(string folder, List<string> way)
        {
            if (way.Contains(folder))
            {
                return string.Join(" -> ", way.Skip(way.IndexOf(folder)).Append(folder));
            }

            if (finished.Contains(folder))
            {
                return "";
            }

            way.Add(folder);
            string circle = needs[folder].Select(other => Follow(other, way)).FirstOrDefault(found => found.Length > 0) ?? "";
            way.RemoveAt(way.Count - 1);
            finished.Add(folder);
            return circle;
        }
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*/([\w.]+)\.csproj""")]
    private static partial Regex ProjectReferenceLine();

    [GeneratedRegex(@"\bHabla\.([A-Z]\w*)")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex ShortenedName();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();
}
