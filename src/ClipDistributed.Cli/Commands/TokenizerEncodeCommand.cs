using System.CommandLine;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd tokenizer encode</c>: captions on standard input, a JSON string a line; their ids on standard output, a JSON array a
/// line.</summary>
public static class TokenizerEncodeCommand
{
    private const int DefaultContext = 77;

    public static Command Create()
    {
        var tokenizer = new Option<string>("--tokenizer")
        {
            Description = "A tokenizer.json, OpenAI's bpe_simple_vocab_16e6.txt.gz, or a folder that holds one of them.",
            HelpName = "FILE",
            Required = true,
        }.AsPath();
        var context = new Option<int>("--context")
        {
            Description = "Ids per caption; shorter ones are padded with 0, longer ones are cut.",
            DefaultValueFactory = _ => DefaultContext,
            HelpName = "ids",
        };
        context.Validators.Add(option =>
        {
            if (option.Tokens.Count == 1 && int.TryParse(option.Tokens[0].Value, out int length) && length < 2)
                option.AddError($"--context is {length}; use 2 or more, for start and end of text.");
        });
        var clean = new Option<string>("--clean")
        {
            Description = "How captions are cleaned; left out: as the tokenizer says, else lower.",
        };
        clean.AsOneOf([.. Enum.GetNames<CleanMode>().Select(name => name.ToLowerInvariant())]);

        var command = new Command("encode", "Turns captions into token ids: a JSON string a line in, a JSON array of ids a line out.")
        {
            tokenizer,
            context,
            clean,
        };
        command.SetAction(parsed =>
        {
            CleanMode? mode = parsed.GetValue(clean) is { } name ? Enum.Parse<CleanMode>(name, ignoreCase: true) : null;
            var loaded = ClipTokenizer.Load(parsed.GetRequiredValue(tokenizer), mode);
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            using var output = new StreamWriter(Console.OpenStandardOutput());
            Run(loaded, parsed.GetValue(context), input, output);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Encodes line by line until the input ends. Lines before a bad one are written.</summary>
    /// <param name="tokenizer">Encodes; says how captions are cleaned.</param>
    /// <param name="context">Ids per caption, at least 2.</param>
    /// <param name="captions">A JSON string a line.</param>
    /// <param name="ids">Gets a JSON array of <paramref name="context"/> ids a line.</param>
    /// <exception cref="BadInputException">A line is not a JSON string; says which.</exception>
    public static void Run(ClipTokenizer tokenizer, int context, TextReader captions, TextWriter ids)
    {
        int[] encoded = new int[context];
        for (int number = 1; captions.ReadLine() is { } line; number++)
        {
            tokenizer.Encode(ReadCaption(line, number), encoded);
            ids.Write('[');
            ids.Write(string.Join(',', encoded));
            ids.Write("]\n");
        }
    }

    private static string ReadCaption(string line, int number)
    {
        const string Remedy = "write each caption as one JSON string, like \"a photo of a cat\"";
        try
        {
            return JsonSerializer.Deserialize<string>(line) ?? throw new BadInputException($"line {number}: is null; {Remedy}.");
        }
        catch (JsonException)
        {
            string shown = line.Length <= 40 ? line : line[..40] + "…";
            throw new BadInputException($"line {number}: '{shown}' is not a JSON string; {Remedy}.");
        }
    }
}
