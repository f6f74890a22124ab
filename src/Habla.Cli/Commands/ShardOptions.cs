using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Habla.Data.Shards;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>What makes a command write shards: the option that names their folder, and those that go with it.</summary>
internal sealed class ShardOptions
{
    private readonly Option<string[]> _input;
    private readonly Option<string?> _out;
    private readonly Option<long> _shardTokens;
    private readonly Option<double> _validationFraction;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _threads = CommonOptions.Threads();
    private readonly Option<bool> _force;

    /// <summary>Gives a command the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The option that names the folder.</param>
    /// <param name="input">The command's own option for what is read.</param>
    public ShardOptions(Command command, string name, Option<string[]> input)
    {
        _input = input;
        _out = new Option<string?>(name) { Description = "the folder to write token shards to, to train on" };
        _shardTokens = new Option<long>("--shard-tokens")
        {
            Description = $"with {name}: the most tokens in a file", DefaultValueFactory = _ => ShardFolderWriter.DefaultShardTokens,
        };
        _validationFraction = CommonOptions.Number(
            "--val-fraction", $"with {name}: the share of documents that goes to DIR/val, the others to DIR/train", 0);
        _seed = new Option<ulong>("--seed") { Description = "with --val-fraction: decides, with each document's text, where it goes" };
        _force = new Option<bool>("--force") { Description = $"with {name}: replace the shards that the folder holds" };
        foreach (Option option in (Option[])[_out, _shardTokens, _validationFraction, _seed, _threads, _force])
        {
            command.Add(option);
        }

        command.Validators.Add(RefuseWithoutFolder);
    }

    /// <summary>Whether shards are asked for.</summary>
    public bool AreGiven(SymbolResult parsed) => parsed.GetValue(_out) is not null;

    /// <summary>Whether shards are asked for.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(_out) is not null;

    /// <summary>The documents; each time they are asked for they are read anew.</summary>
    public IEnumerable<SourceText> Texts(ParseResult parsed) => SourceTexts.Read(parsed.GetValue(_input)!);

    /// <summary>
    /// Which documents are for validation; null when none are. Says no before anything is read when shards are in the way.
    /// </summary>
    public DocumentSplit? Split(ParseResult parsed)
    {
        ShardBuildOptions options = Build(parsed);
        ShardBuild.RefuseFinished(parsed.GetValue(_out)!, options.Replace);
        return options.ValidationFraction == 0 ? null : ShardBuild.Split(Texts(parsed), options);
    }

    /// <summary>Writes the shards.</summary>
    public int Write(ParseResult parsed, Tokenizer tokenizer, bool json, DocumentSplit? split = null)
    {
        string folder = parsed.GetValue(_out)!;
        ShardBuildOptions options = Build(parsed);
        var clock = Stopwatch.StartNew();
        (long documents, long bytes) = (0, 0);
        using var live = Console.IsErrorRedirected ? null : new LiveLine(Terminal.Error, _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{documents:N0} documents, {bytes / 1e6:N1} MB, {bytes / 1e6 / clock.Elapsed.TotalSeconds:N1} MB/s"));
        ShardBuildResult result = ShardBuild.Write(
            Texts(parsed), tokenizer, folder, options with { Progress = (done, text) => (documents, bytes) = (done, text) }, split);
        live?.Dispose();
        Tell(folder, result, tokenizer);
        if (json)
        {
            Terminal.WriteJson(Report(folder, result));
        }

        return ExitCode.Done;
    }

    /// <summary>Says no to options that mean something with shards only, where none are asked for.</summary>
    private void RefuseWithoutFolder(CommandResult parsed)
    {
        Option? lost = AreGiven(parsed) ? null : new Option[] { _shardTokens, _validationFraction, _seed, _force }
            .FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        if (lost is not null)
        {
            parsed.AddError($"{lost.Name}: it goes with {_out.Name} DIR, and no shards are written without");
        }
    }

    private ShardBuildOptions Build(ParseResult parsed) => parsed.GetValue(_shardTokens) < 1
        ? throw new InvalidInputException($"--shard-tokens {parsed.GetValue(_shardTokens)}: expected a whole number of at least 1.")
        : new ShardBuildOptions
        {
            ShardTokens = parsed.GetValue(_shardTokens),
            ValidationFraction = parsed.GetValue(_validationFraction),
            Seed = parsed.GetValue(_seed),
            Threads = parsed.GetValue(_threads),
            Replace = parsed.GetValue(_force),
        };

    private static void Tell(string folder, ShardBuildResult result, Tokenizer tokenizer)
    {
        Tell(result.Validation is null ? folder : Path.Combine(folder, ShardBuild.TrainFolder), result.Train);
        if (result is { Validation: { } validation, Split: { } split })
        {
            Tell(Path.Combine(folder, ShardBuild.ValidationFolder), validation);
            Terminal.Say($"split by file: {split.ValidationCount:N0} of {split.Count:N0} documents for validation, ",
                $"from {split.Sources:N0} files or records; ",
                $"{split.GroupedDocuments:N0} near duplicates kept with their like, {split.Leaks} found across the split");
        }

        long unknown = result.Train.UnknownTokens + (result.Validation?.UnknownTokens ?? 0);
        if (unknown > 0)
        {
            Terminal.Say($"warning: {unknown:N0} characters are not in the tokenizer's alphabet and became {SpecialTokens.Unknown}");
        }

        if (tokenizer.EosId < 0)
        {
            Terminal.Say($"the tokenizer has no token that ends a text: documents follow each other without one");
        }
    }

    private static void Tell(string folder, ShardIndex index)
    {
        string shards = index.Shards.Count == 1
            ? "1 shard"
            : string.Create(CultureInfo.InvariantCulture, $"{index.Shards.Count:N0} shards");
        Terminal.Say($"{folder}: {index.Tokens:N0} tokens of {index.Documents:N0} documents in {shards}, ",
            $"{index.BytesPerToken:F3} bytes a token",
            index.EmptyDocuments > 0 ? (FormattableString)$"; {index.EmptyDocuments:N0} documents without text left out" : null);
    }

    private static object Report(string folder, ShardBuildResult result) => new
    {
        Path = folder,
        Train = Report(result.Train),
        Val = result.Validation is { } validation ? Report(validation) : null,
        result.Split?.Sources,
        NearDuplicates = result.Split?.GroupedDocuments,
        result.Split?.Leaks,
    };

    private static object Report(ShardIndex index) => new
    {
        index.Documents, index.EmptyDocuments, index.Tokens, index.TextBytes, BytesPerToken = Math.Round(index.BytesPerToken, 4),
        index.UnknownTokens, Shards = index.Shards.Count, index.Dtype, index.TokenizerSha256,
    };
}
