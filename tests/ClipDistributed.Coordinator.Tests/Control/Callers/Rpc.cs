using ClipDistributed.Contracts.Control.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>The calls of all protos.</summary>
internal static class Rpc
{
    public static IReadOnlyList<MethodDescriptor> All { get; } =
    [
        .. typeof(ControlService).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
            .SelectMany(file => file.Services).SelectMany(service => service.Methods),
    ];

    /// <summary>Those of the control API.</summary>
    public static IEnumerable<MethodDescriptor> OfControl =>
        All.Where(method => method.File.Package == ControlService.Descriptor.File.Package);

    public static MethodDescriptor Named(string name) => OfControl.Single(method => method.Name == name);
}
