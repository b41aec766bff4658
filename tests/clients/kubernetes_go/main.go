// Drives a Kubernetes API as operators written in Go do: client-go's typed clients (which send protobuf), its informers
// and leader election, and a controller-runtime manager. Each check prints one line: "ok NAME" or "FAILED NAME: why".
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const namespace = "default"

type check struct {
	name string
	run  func(context.Context, *rest.Config, *kubernetes.Clientset) error
}

var checks = []check{
	{"a ConfigMap keeps its owner through protobuf, and is deleted with it", ownedObjectsGo},
	{"a delete with another UID deletes nothing", preconditionsHold},
	{"a Deployment is returned as it was sent", deploymentRoundTrip},
	{"an Event is recorded", eventIsRecorded},
	{"an Event of events.k8s.io is recorded, counted, and read in the core group", newEventIsRecorded},
	{"an informer sees creates, changes and deletions", informerFollows},
	{"of two candidates one leads, and the other takes over", leadersTakeTurns},
	{"a controller-runtime manager with leader election reconciles", managerReconciles},
}

func main() {
	log.SetLogger(zap.New(zap.UseDevMode(true), zap.WriteTo(os.Stderr)))
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		fmt.Println("FAILED kubeconfig:", err)
		os.Exit(1)
	}
	clients := kubernetes.NewForConfigOrDie(config)
	failed := false
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		if err := check.run(ctx, config, clients); err != nil {
			failed = true
			fmt.Printf("FAILED %s: %v\n", check.name, err)
		} else {
			fmt.Printf("ok %s\n", check.name)
		}
		cancel()
	}
	if failed {
		os.Exit(1)
	}
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}, Data: map[string]string{"key": "value"}}
}

func until(ctx context.Context, done func() (bool, error)) error {
	return wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(context.Context) (bool, error) { return done() })
}

func ownedObjectsGo(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	maps := clients.CoreV1().ConfigMaps(namespace)
	owner, err := maps.Create(ctx, configMap("owner"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	owned := configMap("owned")
	yes := true
	owned.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID, Controller: &yes}}
	made, err := maps.Create(ctx, owned, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if len(made.OwnerReferences) != 1 || made.OwnerReferences[0].UID != owner.UID {
		return fmt.Errorf("owner references are %v", made.OwnerReferences)
	}
	if err := maps.Delete(ctx, owner.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		_, err := maps.Get(ctx, "owned", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}

func preconditionsHold(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	maps := clients.CoreV1().ConfigMaps(namespace)
	made, err := maps.Create(ctx, configMap("guarded"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	other := types.UID("00000000-0000-0000-0000-000000000000")
	err = maps.Delete(ctx, made.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}})
	if !apierrors.IsConflict(err) {
		return fmt.Errorf("the answer is %v", err)
	}
	return maps.Delete(ctx, made.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &made.UID}})
}

func deploymentRoundTrip(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	none := int32(0)
	labels := map[string]string{"app": "web"}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace},
		Spec: appsv1.DeploymentSpec{
			Replicas: &none,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{Name: "web", Image: "web"}},
					Volumes:    []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
				},
			},
		},
	}
	if _, err := clients.AppsV1().Deployments(namespace).Create(ctx, deployment, metav1.CreateOptions{}); err != nil {
		return err
	}
	found, err := clients.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	spec := found.Spec
	if spec.Replicas == nil || *spec.Replicas != 0 || spec.Template.Spec.Volumes[0].EmptyDir == nil || spec.Template.Spec.Containers[0].Image != "web" {
		return fmt.Errorf("it is %v", spec)
	}
	return clients.AppsV1().Deployments(namespace).Delete(ctx, "web", metav1.DeleteOptions{})
}

func eventIsRecorded(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	made, err := clients.CoreV1().ConfigMaps(namespace).Create(ctx, configMap("told"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: clients.CoreV1().Events("")})
	made.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}
	broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "judge"}).Event(made, corev1.EventTypeNormal, "Judged", "It was judged")
	return until(ctx, func() (bool, error) {
		list, err := clients.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=told"})
		return err == nil && len(list.Items) == 1 && list.Items[0].Reason == "Judged", err
	})
}

func newEventIsRecorded(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	made, err := clients.CoreV1().ConfigMaps(namespace).Create(ctx, configMap("counted"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: clients.EventsV1()})
	defer broadcaster.Shutdown()
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return err
	}
	recorder := broadcaster.NewRecorder(scheme.Scheme, "example.com/judge")
	made.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}
	read := func(is func(corev1.Event) bool) error {
		return until(ctx, func() (bool, error) {
			list, err := clients.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=counted"})
			return err == nil && len(list.Items) == 1 && is(list.Items[0]), err
		})
	}
	recorder.Eventf(made, nil, corev1.EventTypeNormal, "Judged", "Judge", "It was judged")
	if err := read(func(event corev1.Event) bool { return event.Message == "It was judged" && event.Series == nil }); err != nil {
		return err
	}
	recorder.Eventf(made, nil, corev1.EventTypeNormal, "Judged", "Judge", "It was judged")
	return read(func(event corev1.Event) bool { return event.Series != nil && event.Series.Count == 2 })
}

func informerFollows(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	factory := informers.NewSharedInformerFactoryWithOptions(clients, 0, informers.WithNamespace(namespace))
	seen := make(chan string, 100)
	informer := factory.Core().V1().Secrets().Informer()
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { seen <- "added" },
		UpdateFunc: func(_, _ any) { seen <- "updated" },
		DeleteFunc: func(any) { seen <- "deleted" },
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("it did not sync")
	}
	secrets := clients.CoreV1().Secrets(namespace)
	secret, err := secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Data: map[string][]byte{"a": {1}}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	secret.Data["a"] = []byte{2}
	if _, err := secrets.Update(ctx, secret, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := secrets.Delete(ctx, "s", metav1.DeleteOptions{}); err != nil {
		return err
	}
	for _, expected := range []string{"added", "updated", "deleted"} {
		select {
		case got := <-seen:
			if got != expected {
				return fmt.Errorf("it saw %q and not %q", got, expected)
			}
		case <-ctx.Done():
			return fmt.Errorf("it never saw %q", expected)
		}
	}
	return nil
}

func leadersTakeTurns(ctx context.Context, _ *rest.Config, clients *kubernetes.Clientset) error {
	leading := make(chan string, 2)
	elect := func(ctx context.Context, id string) {
		lock := &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "judge", Namespace: namespace},
			Client:     clients.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: id},
		}
		leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Lock: lock, ReleaseOnCancel: true,
			LeaseDuration: 4 * time.Second, RenewDeadline: 3 * time.Second, RetryPeriod: 200 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { leading <- id }, OnStoppedLeading: func() {}},
		})
	}
	first, stop := context.WithCancel(ctx)
	go elect(first, "first")
	if got := <-leading; got != "first" {
		stop()
		return fmt.Errorf("%q leads", got)
	}
	second, end := context.WithCancel(ctx)
	defer end()
	go elect(second, "second")
	stop()
	select {
	case got := <-leading:
		if got != "second" {
			return fmt.Errorf("%q took over", got)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nobody took over")
	}
}

type reconciler struct{ client.Client }

func (r reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var config corev1.ConfigMap
	if err := r.Get(ctx, request.NamespacedName, &config); err != nil || config.Labels["judge"] == "" {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !config.DeletionTimestamp.IsZero() {
		controllerutil.RemoveFinalizer(&config, "example.com/judge")
		return ctrl.Result{}, client.IgnoreNotFound(r.Update(ctx, &config))
	}
	if config.Annotations["reconciled"] != "" {
		return ctrl.Result{}, nil
	}
	config.Annotations = map[string]string{"reconciled": "true"}
	controllerutil.AddFinalizer(&config, "example.com/judge")
	return ctrl.Result{}, r.Update(ctx, &config)
}

func managerReconciles(ctx context.Context, config *rest.Config, clients *kubernetes.Clientset) error {
	manager, err := ctrl.NewManager(config, ctrl.Options{
		LeaderElection: true, LeaderElectionID: "judge-manager", LeaderElectionNamespace: namespace, LeaderElectionReleaseOnCancel: true,
		Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Complete(reconciler{manager.GetClient()}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	defer func() { cancel(); <-ended }()
	maps := clients.CoreV1().ConfigMaps(namespace)
	made := configMap("managed")
	made.Labels = map[string]string{"judge": "yes"}
	if _, err := maps.Create(ctx, made, metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := until(ctx, func() (bool, error) {
		found, err := maps.Get(ctx, "managed", metav1.GetOptions{})
		return err == nil && found.Annotations["reconciled"] == "true" && len(found.Finalizers) == 1, err
	}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "managed", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		_, err := maps.Get(ctx, "managed", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}
