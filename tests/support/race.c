#include <pthread.h>
#include <stdio.h>

/* The control of the label tsan: two threads add to one number without a lock. TSan must say so. */
static unsigned sum;

static void *add(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 1000; i++)
        sum++;
    return NULL;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, add, NULL) != 0)
        return 2;
    add(NULL);
    pthread_join(thread, NULL);
    printf("%u\n", sum);
    return 0;
}
