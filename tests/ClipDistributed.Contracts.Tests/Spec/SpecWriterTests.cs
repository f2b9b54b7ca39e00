using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecWriterTests
{
    private const string Short = "name: a\ndata: {train: [{path: shards}], validation: [{path: held}]}\n";

    [Fact]
    public void Show_ShortSpec_HasEveryFieldAndSaysHowOpenOnesAreChosen()
    {
        string shown = SpecWriter.Show(SpecDefaults.Fill(SpecReader.ReadChecked(Short, "spec")));
        var missing = Fields(TrainingSpec.Descriptor).Where(field => !shown.Contains($"{field}:", StringComparison.Ordinal));
        Assert.Equal(["classes", "templates"], missing); // of zeroshot, which there is none of
        Assert.Contains(
            "    image_column: auto  # chosen when the run starts: found by its usual names\n",
            shown,
            StringComparison.Ordinal
        );
        Assert.Contains("  micro: auto  # chosen when the run starts: ", shown, StringComparison.Ordinal);
        Assert.Contains("  init_from: null  # none: ", shown, StringComparison.Ordinal);
        foreach (
            string line in shown
                .Split('\n')
                .Where(line => line.EndsWith(": auto", StringComparison.Ordinal) || line.EndsWith(": null", StringComparison.Ordinal))
        )
            Assert.Fail($"nothing says how this is chosen: {line}");
    }

    [Theory]
    [InlineData(Short)]
    [InlineData(
        "data: {train: [{path: \"null\", name: \"auto\"}]}\nmodel: {preset: small, tokenizer: \"auto\"}\nbatch: {streams: auto, micro: 8}\n"
    )]
    public void Show_AnySpec_IsReadBackToTheSameMessage(string text)
    {
        var full = SpecDefaults.Fill(SpecReader.ReadChecked(text, "spec"));
        Assert.Equal(full, SpecReader.ReadChecked(SpecWriter.Show(full), "spec"));
        Assert.Equal(full, SpecReader.ReadChecked(SpecWriter.Write(full), "spec"));
    }

    private static IEnumerable<string> Fields(MessageDescriptor message) => message.Fields.InDeclarationOrder().SelectMany(
        field => field.FieldType == FieldType.Message ? Fields(field.MessageType).Prepend(field.Name) : [field.Name]).Distinct();
}
