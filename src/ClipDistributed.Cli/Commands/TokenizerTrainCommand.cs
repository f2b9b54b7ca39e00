using System.CommandLine;
using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd tokenizer train DATA… --vocabulary 8192 --out tokenizer.json</c></summary>
internal static class TokenizerTrainCommand
{
    public static Command Create()
    {
        var data = new Argument<string[]>("DATA")
        {
            Description = "Shards (Parquet files, tars) or folders of them, and .txt files with a caption a line.",
            Arity = ArgumentArity.OneOrMore,
        }.AsPaths();
        var vocabulary = new Option<int>("--vocabulary")
        {
            Description = $"Ids in all, {TokenizerTrainer.SmallestVocabulary} or more: the model's vocab_size.",
            DefaultValueFactory = _ => 8192,
            HelpName = "ids",
        };
        var output = new Option<string>("--out")
        {
            Description = "The tokenizer.json to write.",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var caption = new Option<string>("--caption-column")
        {
            Description = "Column of captions; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var clean = new Option<string>("--clean")
        {
            Description = "How captions are cleaned, here and by the tokenizer.",
            DefaultValueFactory = _ => "lower",
        };
        clean.AsOneOf([.. Enum.GetNames<CleanMode>().Select(name => name.ToLowerInvariant())]);
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Replace the file. Models that were trained with the old vocabulary cannot be used with the new one.",
        };
        var command = new Command("train", "Trains a byte-pair vocabulary on captions, as CLIP's was made.")
        {
            data,
            vocabulary,
            output,
            caption,
            clean,
            overwrite,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetRequiredValue(output);
            OutputPath.CheckFile(file, "--out", replaces: true);
            if (File.Exists(file) && !parsed.GetValue(overwrite))
                throw new BadInputException($"--out {file} exists; name another file, or say --overwrite.");
            var clock = Stopwatch.StartNew();
            long captions = 0;
            var counted = Captions(parsed.GetRequiredValue(data), parsed.GetRequiredValue(caption))
                .Select(text =>
                {
                    captions++;
                    return text;
                });
            var tokenizer = TokenizerTrainer.Train(
                counted,
                parsed.GetValue(vocabulary),
                Enum.Parse<CleanMode>(parsed.GetRequiredValue(clean), ignoreCase: true),
                Console.Error.WriteLine
            );
            if (captions == 0)
                throw new BadInputException(
                    $"{string.Join(", ", parsed.GetRequiredValue(data))}: there are no captions; name data that has some."
                );
            tokenizer.Save(file);
            Console.WriteLine(
                $"A vocabulary of {tokenizer.VocabularySize:N0} from {Counted.Of(captions, "caption")} in "
                    + $"{clock.Elapsed.TotalSeconds:0.0} s: {file}"
            );
            Console.WriteLine($"Train with it: model.tokenizer: {file}, and vocab_size {tokenizer.VocabularySize} in the model's config.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static IEnumerable<string> Captions(string[] data, string column)
    {
        string[] texts = [.. data.Where(path => path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))];
        if (texts.FirstOrDefault(path => FileKinds.Of(path) == FileKind.Missing) is { } missing)
            throw new BadInputException($"{missing} does not exist; name a text file with a caption a line.");
        var captions = texts.SelectMany(path => InputFile.ReadLines(path)).Where(line => !string.IsNullOrWhiteSpace(line));
        SourceSpec[] shards = [.. data.Except(texts).Select(path => new SourceSpec { Path = path, CaptionColumn = column })];
        return shards.Length == 0 ? captions : captions.Concat(CaptionReader.Read(ManifestBuilder.Build(shards, "DATA")));
    }
}
