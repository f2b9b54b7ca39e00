using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Spec.Reference;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec explain</c></summary>
internal static class SpecExplainCommand
{
    public static Command Create()
    {
        var path = new Argument<string?>("field")
        {
            Description = "A field or a section, such as batch.global or optimizer; left out: all of them.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        path.CompletionSources.Add(_ => SpecFieldWords.All.Select(field => new CompletionItem(field)));
        var markdown = new Option<bool>("--markdown") { Description = "Prints all fields as Markdown: the page docs/spec.md." };
        var output = CommonOptions.Output("text");
        var command = new Command("explain", "Says what the fields of a spec mean, with their units, ranges and defaults.")
        {
            path,
            markdown,
            output,
        };
        command.SetAction(result =>
        {
            var reference = SpecReference.Build();
            if (result.GetValue(markdown))
                Console.Write(SpecMarkdown.Write(reference));
            else
                Write(reference, result.GetValue(path), CommonOptions.IsJson(result, output));
        });
        return command;
    }

    private static void Write(SpecReference reference, string? path, bool json)
    {
        var (section, field) = path is null ? (null, null) : reference.Find(path);
        IReadOnlyList<FieldReference> fields =
            field is not null ? [field] : section?.Fields ?? [.. reference.Sections.SelectMany(one => one.Fields)];
        if (json)
            JsonOutput.Write(new JsonObject { ["fields"] = new JsonArray([.. fields.Select(Describe)]) });
        else if (field is not null)
            WriteOne(field);
        else
            WriteMany(section, fields);
    }

    private static void WriteOne(FieldReference field)
    {
        var list = new DetailList();
        Add("field", field.Path);
        Add("meaning", field.Meaning);
        Add("type", field.Type);
        Add("unit", field.Unit);
        Add("allowed", field.Allowed);
        Add("default", field.Default);
        Add("left out", field.LeftOut);
        foreach (var (name, meaning) in field.Choices)
            Add(name, meaning);
        list.Write();

        void Add(string name, string? value)
        {
            if (value is not null)
                list.Add(name, value);
        }
    }

    private static void WriteMany(SectionReference? section, IReadOnlyList<FieldReference> fields)
    {
        if (section is not null)
            Console.WriteLine($"{section.Meaning}\n");
        var table = new TextTable("field", new Column("default", Drop: 1), new Column("meaning", IsText: true, IsWrapped: true));
        foreach (var field in fields)
            table.Add(field.Path, field.Default ?? "", field.Meaning);
        table.Write();
    }

    private static JsonObject Describe(FieldReference field) => new()
    {
        ["field"] = field.Path,
        ["meaning"] = field.Meaning,
        ["type"] = field.Type,
        ["unit"] = field.Unit,
        ["allowed"] = field.Allowed,
        ["default"] = Value(field),
        ["left_out"] = field.LeftOut,
        ["choices"] = new JsonArray(
            [.. field.Choices.Select(choice => new JsonObject { ["value"] = choice.Name, ["meaning"] = choice.Meaning })]),
    };

    /// <summary>Numbers and truth values are JSON's own.</summary>
    private static JsonValue? Value(FieldReference field)
    {
        string text = field.Default?.Replace("_", "", StringComparison.Ordinal) ?? "";
        if (field.Allowed is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return JsonValue.Create(number);
        return bool.TryParse(text, out bool flag) ? JsonValue.Create(flag) : JsonValue.Create(field.Default);
    }
}
