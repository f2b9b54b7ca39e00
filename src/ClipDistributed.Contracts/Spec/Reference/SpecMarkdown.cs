using System.Globalization;
using System.Text;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>The page docs/spec.md: a table and the meanings of the fields for each section of a spec.</summary>
public static class SpecMarkdown
{
    private const int Width = 100;

    private const string ExampleResource = "example.yaml";

    /// <summary>The spec at the top of the page.</summary>
    public static string Example
    {
        get
        {
            using var stream = typeof(SpecMarkdown).Assembly.GetManifestResourceStream(ExampleResource)
                ?? throw new InvalidOperationException($"The assembly lacks its resource {ExampleResource}.");
            return new StreamReader(stream).ReadToEnd();
        }
    }

    public static string Write(SpecReference reference)
    {
        var page = new StringBuilder();
        page.Append("<!-- Made by `make docs` from protos/clipdistributed/spec/v1/training_spec.proto: change the comments there. -->\n");
        page.Append("# The TrainingSpec\n\n```yaml\n").Append(Example).Append("```\n\n");
        page.Append("""
            Only `data.train` is required. How specs are read (numbers, `auto`, `--set`) is in
            [commands.md](commands.md#specs).

            ```sh
            bin/clipd spec show spec.yaml          # a spec with all its values
            bin/clipd spec explain batch.global    # what this page says of one field
            bin/clipd spec check spec.yaml --data  # whether a run could start
            ```

            """);
        foreach (var section in reference.Sections)
            Add(page, section);
        AddPresets(page);
        return page.ToString();
    }

    private static void Add(StringBuilder page, SectionReference section)
    {
        page.Append("\n## ").AppendJoin(", ", section.SamePaths.Prepend(section.Path == "" ? "Top level" : section.Path)).Append("\n\n");
        AddText(page, "", section.Meaning);
        page.Append("\n| field | value | unit | default |\n|---|---|---|---|\n");
        foreach (var field in section.Fields)
            page.Append(CultureInfo.InvariantCulture,
                $"| `{field.Name}` | {ValueOf(field)} | {field.Unit} | {(field.Default is null ? "" : DefaultOf(field.Default))} |\n");
        page.Append('\n');
        foreach (var field in section.Fields.Where(field => field.Section is null || field.Default is not null))
        {
            AddText(page, "- ", string.Join(' ', Sentences(field)));
            foreach (var (name, meaning) in field.Choices)
                AddText(page, "  - ", $"`{name}`: {meaning}");
        }
    }

    private static string ValueOf(FieldReference field) => field switch
    {
        { Section: { } section } => $"[{field.Type}](#{Anchor(section)})",
        { Choices.Count: > 0 } => string.Join(" or ", field.Choices.Select(choice => $"`{choice.Name}`")),
        _ => field.Type.Replace("auto", "`auto`", StringComparison.Ordinal),
    };

    private static string DefaultOf(string text) => text switch
    {
        DefaultTexts.OfPreset => $"[{text}](#presets)",
        DefaultTexts.Required or "none" or "end of path" => text,
        _ => $"`{text}`",
    };

    private static IEnumerable<string> Sentences(FieldReference field)
    {
        yield return $"**{field.Name}**: {field.Meaning}";
        if (field.Allowed is not null)
            yield return $"Allowed: {field.Allowed}.";
        if (field.LeftOut is not null)
            yield return $"Left out{(field.Default == SpecValues.Auto ? " or `auto`" : "")}: {field.LeftOut}.";
    }

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string section) => section.StartsWith("data.", StringComparison.Ordinal)
        ? "datatrain-datavalidation"
        : section.Replace(".", "", StringComparison.Ordinal);

    private static void AddPresets(StringBuilder page)
    {
        page.Append("\n## Presets\n\n");
        AddText(page, "", "The hyper-parameters of the presets; a spec may give any of them beside the preset.");
        page.Append("\n| batch.global | samples | lr | beta2 | eps | warmup_steps | presets |\n|---|---|---|---|---|---|---|\n");
        var groups = ModelPresets.All.GroupBy(
            preset => (preset.GlobalBatch, preset.Samples, preset.LearningRate, preset.Beta2, preset.Epsilon, preset.WarmupSteps));
        foreach (var group in groups)
        {
            var (batch, samples, rate, beta2, epsilon, warmup) = group.Key;
            string names = string.Join(", ", group.Select(preset => preset.Name));
            page.Append(CultureInfo.InvariantCulture,
                $"| {batch:N0} | {samples:N0} | {rate:0.##e0} | {beta2} | {epsilon:0.##e0} | {warmup:N0} | {names} |\n");
        }
    }

    /// <summary>Words, wrapped; the lines after the first are indented below it.</summary>
    private static void AddText(StringBuilder page, string lead, string text)
    {
        string line = lead;
        bool isEmpty = true;
        foreach (string word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                page.Append(line).Append('\n');
                line = new string(' ', lead.Length);
                isEmpty = true;
            }
            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }
        page.Append(line).Append('\n');
    }
}
