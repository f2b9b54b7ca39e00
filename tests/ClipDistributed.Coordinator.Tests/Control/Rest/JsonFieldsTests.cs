using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Control.Rest;
using Google.Api;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.Control.Rest;

public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("""{"spec":{"nme":"demo"}}""", "spec.nme", "did you mean spec.name?")]
    [InlineData("""{"spec":{"optimizer":{"learning":1}}}""", "spec.optimizer.learning", "known here: name, lr,")]
    [InlineData("""{"spec":{"data":{"train":[{},{"pth":"b"}]}}}""", "spec.data.train[1].pth", "did you mean spec.data.train[1].path?")]
    [InlineData("""{"spec":"demo"}""", "spec", "use an object.")]
    [InlineData("""{"spec":[]}""", "spec", "use an object.")]
    [InlineData("""{"spec":{"data":{"train":{"path":"a"}}}}""", "spec.data.train", "use a list.")]
    [InlineData("""{"spec":{"data":{"train":[null]}}}""", "spec.data.train[0]", "leave it out.")]
    [InlineData("""{"spec":{"batch":{"global":1.5}}}""", "spec.batch.global", "use a whole number, 0 or more.")]
    [InlineData("""{"spec":{"batch":{"global":-1}}}""", "spec.batch.global", "use a whole number, 0 or more.")]
    [InlineData("""{"spec":{"batch":{"global":4294967296}}}""", "spec.batch.global", "use a whole number, 0 or more.")]
    [InlineData("""{"spec":{"samples":true}}""", "spec.samples", "use a whole number, 0 or more.")]
    [InlineData("""{"spec":{"optimizer":{"lr":"fast"}}}""", "spec.optimizer.lr", "use a number.")]
    [InlineData("""{"spec":{"optimizer":{"lr":"NaN"}}}""", "spec.optimizer.lr", "use a number.")]
    [InlineData("""{"spec":{"name":3}}""", "spec.name", "use text.")]
    [InlineData("""{"spec":{"loss":"hinge"}}""", "spec.loss", "use softmax or sigmoid.")]
    [InlineData("""{"spec":{"loss":1}}""", "spec.loss", "use softmax or sigmoid.")]
    [InlineData("""{"resume":"yes"}""", "resume", "use true or false.")]
    public void Check_WrongJson_NamesFieldAndRemedy(string json, string field, string remedy)
    {
        var error = Assert.Single(Check((JsonObject)JsonNode.Parse(json)!));
        Assert.Equal(field, error.Field);
        Assert.Contains(remedy, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ManyMistakes_AreAllNamed() =>
        Assert.Equal(
            ["spec.name", "spec.batch.globl", "reset"],
            Check((JsonObject)JsonNode.Parse("""{"spec":{"name":1,"batch":{"globl":2}},"reset":true}""")!).Select(error => error.Field));

    /// <summary>Names of both kinds, short names of enums, numbers as text, and null.</summary>
    [Fact]
    public void Check_WhatPeopleWrite_BecomesWhatTheTranscoderTakes()
    {
        var json = (JsonObject)JsonNode.Parse(
            """{"spec":{"loss":"sigmoid","samples":"40","optimizer":{"weight_decay":0.1,"lr":null},"runDirectory":"/a"},"resume":true}""")!;
        Assert.Empty(Check(json));
        Assert.Equal(
            """{"spec":{"loss":"LOSS_SIGMOID","samples":40,"optimizer":{"weight_decay":0.1},"runDirectory":"/a"},"resume":true}""",
            json.ToJsonString());
    }

    /// <summary>A field of another type would be refused whatever it holds.</summary>
    [Fact]
    public void Fields_OfEveryRequest_AreOfTypesThatAreChecked()
    {
        FieldType[] known =
        [
            FieldType.Message, FieldType.String, FieldType.Bool, FieldType.Int32, FieldType.UInt32, FieldType.Int64, FieldType.UInt64,
            FieldType.Double, FieldType.Enum,
        ];
        var fields = ControlService.Descriptor.Methods.SelectMany(method => Fields(method.InputType)).ToList();
        Assert.Empty(fields.Where(field => !known.Contains(field.FieldType) || field.IsMap).Select(field => field.FullName));
        var others = fields.Where(field => field.FieldType == FieldType.Message && field.MessageType.File.Package == "google.protobuf");
        Assert.All(others, field => Assert.Equal(Timestamp.Descriptor, field.MessageType));
    }

    [Fact]
    public void Methods_OfTheService_HaveAPathAndTakeAllOfTheirBody()
    {
        foreach (var method in ControlService.Descriptor.Methods)
        {
            var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
            Assert.True(rule is not null, $"{method.Name} has no path; add google.api.http to it");
            Assert.StartsWith("/v1/", rule.Get + rule.Post + rule.Delete, StringComparison.Ordinal);
            Assert.Equal(rule.Post == "" ? "" : "*", rule.Body);
        }
    }

    [Theory]
    [InlineData("\"2026-01-31T12:00:00Z\"", true)]
    [InlineData("\"2026-01-31T12:00:00.5+01:00\"", true)]
    [InlineData("\"2026-01-31\"", false)]
    [InlineData("\"yesterday\"", false)]
    [InlineData("{\"seconds\":1}", false)]
    [InlineData("1", false)]
    public void Check_Time_IsTakenAsProtobufWritesIt(string value, bool isTaken)
    {
        var errors = Check((JsonObject)JsonNode.Parse($$"""{"submittedSince":{{value}}}""")!, ListJobsRequest.Descriptor);
        Assert.Equal(isTaken ? [] : ["submittedSince"], errors.Select(error => error.Field));
    }

    private static List<InputError> Check(JsonObject json, MessageDescriptor? type = null)
    {
        var errors = new List<InputError>();
        new JsonFields(errors).Check(json, type ?? SubmitJobRequest.Descriptor);
        return errors;
    }

    private static IEnumerable<FieldDescriptor> Fields(MessageDescriptor message) =>
        message.Fields.InDeclarationOrder().SelectMany(field =>
            field.FieldType == FieldType.Message && field.MessageType.File.Package != "google.protobuf"
                ? Fields(field.MessageType).Prepend(field) : [field]);
}
