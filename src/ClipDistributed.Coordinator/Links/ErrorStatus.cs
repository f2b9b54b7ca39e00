using ClipDistributed.Contracts.Errors;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Errors as google.rpc.Status, which programs read: what is wrong with a request has the fields where it is wrong.</summary>
internal static class ErrorStatus
{
    // It travels as a header, of which clients take some kilobytes.
    private const int MaxText = 4000, MaxDescription = 500, MaxDetails = 2000;

    /// <summary>What stands in the details of a status.</summary>
    public static TypeRegistry Types { get; } = TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor);

    public static Google.Rpc.Status Of(StatusCode code, string text) => new() { Code = (int)code, Message = Excerpt.Ends(text, MaxText) };

    public static Google.Rpc.Status Of(BadInputException bad)
    {
        var status = Of(StatusCode.InvalidArgument, string.Join('\n', bad.Errors));
        var request = new BadRequest();
        foreach (var error in bad.Found)
        {
            var violation = new BadRequest.Types.FieldViolation
            {
                Field = error.Field, Description = Excerpt.Ends(error.Text, MaxDescription),
            };
            if (request.CalculateSize() + violation.CalculateSize() > MaxDetails)
                break; // the text has them all
            request.FieldViolations.Add(violation);
        }
        status.Details.Add(Any.Pack(request));
        return status;
    }
}
